/** What a bundle that `openPage` opens runs in the page. */
import { TouchstoneError, type ErrorCode } from '@touchstone/contract';
import { decode, encode } from './codec.js';

/**
 * `answer` gets what `Page.ask` was given, and gives what it returns. Where it rejects, so does `ask`, and the
 * page should be given up.
 */
export function serve(answer: (question: unknown) => Promise<unknown>): void {
  const exchange = async (path: string): Promise<void> => {
    const question = decode(new Uint8Array(await (await fetch(path)).arrayBuffer()));
    await post(path, encode(await answer(question)));
  };
  Object.assign(globalThis, { touchstoneExchange: exchange });
}

async function post(path: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  // As a blob: of plain bytes the browser makes copies for its developer tools, which take seconds for some megabytes.
  const response = await fetch(path, { method: 'POST', body: new Blob([body]) });
  if (!response.ok) throw new Error(`the answer of ${body.byteLength} bytes was refused: ${response.status}`);
}

/** The bytes of a file that the program behind the page lets it have. Errors are that program's. */
export async function fetchFile(folder: string, name: string): Promise<Uint8Array> {
  const response = await fetch(`files/${encodeURIComponent(folder)}/${encodeURIComponent(name)}`);
  if (!response.ok) {
    const { code, message, hint } = (await response.json()) as { code: ErrorCode; message: string; hint?: string };
    throw new TouchstoneError(code, message, hint);
  }
  return new Uint8Array(await response.arrayBuffer());
}
