import { createHash } from 'node:crypto';
import { html, Html } from './escape.js';
import { style } from './style.js';

export interface HtmlDocument {
  readonly title: string;
  readonly body: Html;
  /** The program that runs in the page, after its body. */
  readonly program?: string;
}

/** A page that loads nothing but images next to it, and runs nothing but its own program. */
export function htmlDocument({ title, body, program }: HtmlDocument): string {
  if (program !== undefined && /<\/script|<!--/i.test(program))
    throw new Error('the program of the page would end its own element');
  const policy = [
    "default-src 'none'",
    ...(program === undefined ? [] : [`script-src ${hashOf(program)}`]),
    `style-src ${hashOf(style)}`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="generator" content="Touchstone" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${element('style', style)}
      </head>
      <body>
        ${body} ${program === undefined ? html`` : element('script type="module"', program)}
      </body>
    </html> `.markup;
}

/** The hash of a policy is over every character of the element, so that it is not wrapped. */
export function element(tag: string, content: string): Html {
  return new Html(`<${tag}>${content}</${tag.split(' ')[0]!}>`);
}

function hashOf(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}
