/** The page's side: called by the bundle that `openPage` opens. */
import { TouchstoneError, type ErrorCode } from '@touchstone/contract';
import { decode, encode } from './codec.js';

/**
 * `answer` receives the argument of `Page.ask`, and its result is what `ask` returns. If it rejects, so does `ask`, and
 * the page should be closed.
 */
export function serve(answer: (question: unknown) => Promise<unknown>): void {
  const exchange = async (path: string): Promise<void> => {
    const question = decode(new Uint8Array(await (await fetch(path)).arrayBuffer()));
    await post(path, encode(await answer(question)));
  };
  Object.assign(globalThis, { touchstoneExchange: exchange });
}

async function post(path: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  // As a blob: the browser copies plain bytes for its developer tools, which takes seconds for a few megabytes.
  const response = await fetch(path, { method: 'POST', body: new Blob([body]) });
  if (!response.ok)
    throw new Error(`the answer of ${body.byteLength} bytes was refused with status ${response.status}`);
}

/** A file from the program that opened the page. @throws TouchstoneError as that program does */
export async function fetchFile(folder: string, name: string): Promise<Uint8Array> {
  const response = await fetch(`files/${encodeURIComponent(folder)}/${encodeURIComponent(name)}`);
  if (!response.ok) {
    const { code, message, hint } = (await response.json()) as { code: ErrorCode; message: string; hint?: string };
    throw new TouchstoneError(code, message, hint);
  }
  return new Uint8Array(await response.arrayBuffer());
}
