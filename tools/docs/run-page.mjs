/**
 * Tries a page as a reader would: writes its files and runs its commands, in order, in one folder.
 *
 *     ```js NAME      a file, whatever its language
 *     ```diff NAME    a change of it: hunks are divided by empty lines
 *     ```sh           commands, one after the other; "# exit status 1" at the end of a line says how it must end
 *     ```text         what the commands before must have printed: its lines, in order; … is any text
 *
 * Other blocks are only read.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { blocksIn } from './blocks.mjs';

const ending = /\s+# exit status (?<status>\d+)$/;

/** @param {(command: string) => void} onCommand @throws with the command and what it printed */
export function runPage(page, { folder, env, onCommand = () => undefined }) {
  let printed = '';
  let ran = 0;
  for (const { language, name, text } of blocksIn(page)) {
    if (name !== undefined && language === 'diff') change(join(folder, name), text);
    else if (name !== undefined) write(join(folder, name), text);
    else if (language === 'sh') {
      printed = '';
      for (const line of commandsIn(text)) {
        onCommand(line);
        printed += run(line, { folder, env });
        ran++;
      }
    } else if (language === 'text') expectLines(text, printed);
  }
  if (ran === 0) throw new Error(`${page} has no commands`);
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function change(file, diff) {
  let text = readFileSync(file, 'utf8');
  for (const hunk of diff.trimEnd().split(/\n\n+/)) {
    const without = (sign) =>
      hunk
        .split('\n')
        .filter((line) => !line.startsWith(sign))
        .map((line) => line.slice(1))
        .join('\n');
    const [before, ...after] = text.split(without('+'));
    if (after.length !== 1) throw new Error(`${file} has not once:\n${without('+')}`);
    text = before + without('-') + after[0];
  }
  writeFileSync(file, text);
}

/** A line that ends in a backslash goes on in the next. */
function commandsIn(text) {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

function run(line, { folder, env }) {
  const expected = Number(ending.exec(line)?.groups.status ?? 0);
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line.replace(ending, '')], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  if (status !== expected)
    throw new Error(`${line}\nended with status ${status}, not ${expected}:\n${stdout}${stderr}`);
  return stdout + stderr;
}

function expectLines(text, printed) {
  let from = 0;
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const pattern = line
      .trim()
      .split('…')
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^\\n]*');
    const found = new RegExp(pattern).exec(printed.slice(from));
    if (found === null)
      throw new Error(`not printed (any more after the lines before it): ${line}\nprinted was:\n${printed}`);
    from += found.index + found[0].length;
  }
}
