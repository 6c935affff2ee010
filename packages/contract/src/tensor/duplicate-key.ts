/** The first key that one object of this (valid) JSON text has twice; `JSON.parse` silently keeps the last. */
export function duplicateKey(json: string): string | null {
  const open: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '{') open.push(new Set());
    else if (character === '}') open.pop();
    else if (character === '"') {
      const end = stringEnd(json, i);
      const text = json.slice(i, end + 1);
      i = end;
      while (json[i + 1] === ' ' || json[i + 1] === '\n' || json[i + 1] === '\t' || json[i + 1] === '\r') i++;
      if (json[i + 1] !== ':') continue;
      const key: string = JSON.parse(text);
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return null;
}

function stringEnd(json: string, start: number): number {
  let i = start + 1;
  while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
  return i;
}
