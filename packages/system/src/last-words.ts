import { plainText } from '@touchstone/contract';

/** How much of what it printed is shown, in characters. */
const shown = 400;
/** What Python and JavaScript begin the line with that says which error ended the program. */
const errorLine = /^(?:\w+\.)*\w*(?:Error|Exception)\b/;

/** Of what a program printed before its end: the line that names its error, else its last whole lines. */
export function lastWords(printed: string): string {
  const lines = printed.split(/\r?\n/);
  const tail = printed.length > shown ? wholeLines(printed.slice(-shown)) : printed;
  return plainText(lines.findLast((line) => errorLine.test(line)) ?? tail, 300);
}

/** Without the part of a line that it begins with, unless it is one line. */
function wholeLines(text: string): string {
  const end = text.indexOf('\n');
  return end === -1 || end === text.length - 1 ? text : text.slice(end + 1);
}
