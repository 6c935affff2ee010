/** Text as SVG paths, the same on every machine. */
import { outlines } from './glyphs.js';

interface Glyph {
  readonly advance: number;
  readonly path: string;
}

const UNITS_PER_EM = 500;
/** Of a line of text, in em: its height, and its baseline below the top. */
export const LINE = 1.3;
const BASELINE = 0.98;

const glyphs: ReadonlyMap<string, Glyph> = new Map(
  outlines.split('\n').map((line) => {
    const [, character, advance, path] = /^(.)(\d+)(.*)$/u.exec(line)!;
    return [character!, { advance: Number(advance), path: path! }];
  }),
);
/** In place of a character that the font lacks. */
const box: Glyph = { advance: 300, path: 'm40 0v-330h220v330zm30-30h160v-270h-160z' };

/** A character that the font lacks loses its accents, and becomes a box where that does not help. */
function glyphsOf(text: string): Glyph[] {
  return [...text.replaceAll(/\s+/gu, ' ').replaceAll(/[\p{C}\p{M}]/gu, '')].map(
    (character) => glyphs.get(character) ?? glyphs.get(character.normalize('NFKD')[0]!) ?? box,
  );
}

/** In pixels. @param size of an em */
export function widthOf(text: string, size: number): number {
  return (glyphsOf(text).reduce((sum, { advance }) => sum + advance, 0) * size) / UNITS_PER_EM;
}

/** Lines of at most `width` pixels; a longer word is broken, and the last of too many lines ends with "…". */
export function wrap(text: string, size: number, width: number, most = 4): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/u).flatMap((each) => pieces(each, size, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(longer, size) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
    if (lines.length > most) break;
  }
  if (line !== '') lines.push(line);
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), shortened(lines[most - 1]!, size, width)];
}

function pieces(word: string, size: number, width: number): string[] {
  if (widthOf(word.slice(0, MAX_WORD), size) <= width && word.length <= MAX_WORD) return [word];
  const parts: string[] = [];
  let part = '';
  for (const character of word.slice(0, MAX_WORD)) {
    if (part !== '' && widthOf(part + character, size) > width) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
}

/** Longer words are cut off: no figure has room for them. */
const MAX_WORD = 400;

function shortened(line: string, size: number, width: number): string {
  let kept = [...line];
  while (kept.length > 0 && widthOf(`${kept.join('')}…`, size) > width) kept = kept.slice(0, -1);
  return `${kept.join('').trimEnd()}…`;
}

export interface TextStyle {
  /** Of an em, in pixels. */
  readonly size: number;
  readonly colour: string;
  readonly bold?: boolean;
}

/** @param top of the line, not its baseline */
export function textAt(text: string, x: number, top: number, { size, colour, bold = false }: TextStyle): string {
  const scale = size / UNITS_PER_EM;
  let at = 0;
  let path = '';
  for (const glyph of glyphsOf(text)) {
    if (glyph.path !== '') path += `M${at} 0${glyph.path}`;
    at += glyph.advance;
  }
  const thick = bold ? ` stroke="${colour}" stroke-width="17" stroke-linejoin="round"` : '';
  const place = `translate(${x.toFixed(2)} ${(top + BASELINE * size).toFixed(2)}) scale(${scale.toFixed(5)})`;
  return path === '' ? '' : `<path transform="${place}" fill="${colour}"${thick} d="${path}"/>`;
}
