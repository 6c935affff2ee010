import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { wordsOf } from './command-line.js';

describe('the words of a command line', () => {
  it.each<[line: string, words: string[]]>([
    ['python my_port.py', ['python', 'my_port.py']],
    ['  node   port.mjs\t--fast ', ['node', 'port.mjs', '--fast']],
    [`python 'my port.py' "a b"`, ['python', 'my port.py', 'a b']],
    [String.raw`a\ b \\ \' "\"\\\a"`, ['a b', '\\', "'", '"\\\\a']],
    [`sh -c 'a | b > "$C"'`, ['sh', '-c', 'a | b > "$C"']],
    [`one''"two"'three' ''`, ['onetwothree', '']],
    ['env A=b C:/x --k=v,w @f %p +1 ü', ['env', 'A=b', 'C:/x', '--k=v,w', '@f', '%p', '+1', 'ü']],
  ])('%s', (line, words) => {
    expect(wordsOf(line)).toEqual(words);
    // As a shell divides them.
    const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
    expect(printed.split('\0').slice(0, -1)).toEqual(words);
  });

  it.each([
    ['', 'there is no command'],
    ['  ', 'there is no command'],
    ["python 'my port.py", 'a quotation has no end'],
    ['python "a', 'a quotation has no end'],
    ['python \\', 'a quotation has no end'],
    ['python a.py | tee log', '"|" has a meaning in a shell'],
    ['cd x && python a.py', '"&" has a meaning in a shell'],
    ['python $HOME/a.py', '"$" has a meaning in a shell'],
    ['python "$HOME/a.py"', '"$" has a meaning in a shell'],
    ['python ~/a.py', '"~" has a meaning in a shell'],
    ['FOO=1 python x.py', '"FOO=1" sets a variable'],
    ['python *.py', '"*" has a meaning in a shell'],
  ])('%j is an error', (line, message) =>
    expect(() => wordsOf(line)).toThrowError(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) as string }),
    ),
  );
});
