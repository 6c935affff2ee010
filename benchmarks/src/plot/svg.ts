/** SVG as text. Everything but numbers is escaped. */

type Value = string | number;

/** @param children results of `element` or `label`, or text through `escape` */
export function element(
  name: string,
  attributes: Readonly<Record<string, Value>>,
  ...children: readonly string[]
): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escape(value)}"`)
    .join('');
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`;
}

export function escape(text: string): string {
  // XML does not allow control characters, not even escaped.
  return text.replace(/[\p{Cc}\ufffe\uffff]/gu, '').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export function label(x: number, y: number, text: string, attributes: Readonly<Record<string, Value>> = {}): string {
  return element('text', { x, y, ...attributes }, escape(text));
}

export function svgDocument(width: number, height: number, title: string, ...children: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    'font-family': 'system-ui, sans-serif',
    'font-size': 11,
    role: 'img',
  };
  const background = element('rect', { width, height, fill: 'white' });
  return `${element('svg', attributes, element('title', {}, escape(title)), background, ...children)}\n`;
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}
