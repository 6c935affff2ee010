import { expect, it } from 'vitest';
import { messageOf, plainText, withoutControls } from './plain-text.js';

it.each([
  ['CSI', '\u001b[31mred\u001b[0m', 'red'],
  ['CSI of C1', '\u009b2Jc', 'c'],
  ['OSC ended by BEL', '\u001b]0;title\u0007text', 'text'],
  ['OSC ended by ST', '\u001b]8;;http://x\u001b\\link', 'link'],
  ['OSC of C1', '\u009d0;title\u009ctext', 'text'],
  ['OSC without an end', 'a\u001b]52;c;cGFzdGU=', 'a'],
  ['DCS', '\u001bPq#0\u001b\\a', 'a'],
  ['short sequences', '\u001bca\u001b(Bb', 'ab'],
  ['a sequence that is cut', 'a\u001b[3', 'a3'],
  ['bidi and zero width', '\u202eevil\u2066 x\u200dy\u2069', 'evil xy'],
  ['C0 and C1', 'a\u0000\u0008b\u0085', 'ab'],
  ['line ends and tabs', ' a\r\nb\tc\u2028d ', 'a b c d'],
  ['a lone surrogate', 'a\ud800b', 'ab'],
  ['letters of all scripts', 'Größe ↔ 大きさ 😀', 'Größe ↔ 大きさ 😀'],
])('%s', (_, foreign, plain) => expect(plainText(foreign)).toBe(plain));

it('is bounded, also where nothing is left of a long text', () => {
  expect(plainText('x'.repeat(400), 300)).toBe(`${'x'.repeat(299)}…`);
  expect(plainText('x'.repeat(300), 300)).toBe('x'.repeat(300));
  expect(plainText('\u0000'.repeat(1e7))).toBe('');
  // 8·length + 1000 characters are read
  expect(plainText(`${' '.repeat(1079)}x`, 10)).toBe('x');
  expect(plainText(`${' '.repeat(1080)}x`, 10)).toBe('');
});

it('keeps lines where it is asked to', () => expect(withoutControls('a\n\u001b[1m\tb\r\n\f')).toBe('a\n\tb\r\n'));

it('has the message of whatever is thrown', () => {
  expect(messageOf(new Error('\u001b[31mred'))).toBe('red');
  expect(messageOf('thrown\ntext')).toBe('thrown text');
});
