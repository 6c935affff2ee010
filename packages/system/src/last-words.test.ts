import { expect, it } from 'vitest';
import { lastWords } from './last-words.js';

it.each([
  ['nothing', '', ''],
  ['a few lines', '\u001b[31mlast\nwords\n', 'last words'],
  [
    "Python's traceback",
    'Traceback (most recent call last):\n  File "<frozen runpy>", line 189\n' +
      `${'  call()\n'.repeat(99)}ModuleNotFoundError: No module named 'torch'\n`,
    "ModuleNotFoundError: No module named 'torch'",
  ],
  [
    "Python's traceback of an error in a module",
    'Traceback (most recent call last):\n  File "a.py", line 1\na.b.LoadError: no weights\n',
    'a.b.LoadError: no weights',
  ],
  [
    "Node.js's stack",
    'file:///port.mjs:1\nthrow new TypeError("no")\n\nTypeError: no\n    at port.mjs:1\n\nNode.js v20.20.2\n',
    'TypeError: no',
  ],
  ['many lines', `${'x'.repeat(300)}\n${'y'.repeat(300)}\n`, 'y'.repeat(300)],
])('%s', (_, printed, said) => expect(lastWords(printed)).toBe(said));
