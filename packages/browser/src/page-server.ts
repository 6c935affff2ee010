import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { TouchstoneError } from '@touchstone/contract';
import { maxBytes, openBounded } from '@touchstone/system';

/** The file on disk for `folder` and `name`. @throws TouchstoneError where the page may not read it */
export type FileSource = (folder: string, name: string) => string;

export interface ServerOptions {
  /** The JavaScript module that the page runs. */
  readonly bundle: string;
  readonly files: FileSource;
  /** 0: any free port. */
  readonly port?: number;
}

/** The largest answer that is accepted from the page, in bytes. */
const maxAnswerBytes = 2 ** 30;

const html =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>Touchstone</title>' +
  '<script type="module" src="bundle.js"></script></html>';

/** The page loads only what comes from here. */
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'";

/**
 * Serves one page and its exchanges of bytes, on the loopback interface, below a random path. An exchange is one GET of
 * the question and one POST of the answer.
 */
export class PageServer {
  readonly url: string;
  readonly #server: Server;
  readonly #exchanges = new Map<string, { readonly question: Uint8Array; answer?: Uint8Array }>();
  #count = 0;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  /** @throws TouchstoneError `internal` where the port cannot be opened */
  static async start({ bundle, files, port = 0 }: ServerOptions): Promise<PageServer> {
    const base = `/${randomBytes(24).toString('base64url')}/`;
    const server = createServer((request, response) => {
      void started.#answer(base, bundle, files, request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        const why = error.code === 'EADDRINUSE' ? `port ${port} is taken by another program` : error.message;
        reject(
          new TouchstoneError(
            'internal',
            `the page cannot be served on 127.0.0.1: ${why}`,
            'End the other program, or use port 0, which takes any free port.',
          ),
        );
      });
      server.listen({ host: '127.0.0.1', port, exclusive: true }, resolve);
    });
    const started: PageServer = new PageServer(
      server,
      `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    );
    return started;
  }

  /** Offers a question; returns its path, relative to the page. */
  offer(question: Uint8Array): string {
    const path = `exchange/${++this.#count}`;
    this.#exchanges.set(path, { question });
    return path;
  }

  /** Returns the answer and forgets it; undefined: none has arrived. */
  take(path: string): Uint8Array | undefined {
    const answer = this.#exchanges.get(path)?.answer;
    this.#exchanges.delete(path);
    return answer;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(
    base: string,
    bundle: string,
    files: FileSource,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (!isFromPage(request, new URL(this.url))) return refuse(response, 403);
    const [asked] = request.url?.split('?') ?? [];
    const path = asked?.startsWith(base) ? asked.slice(base.length) : null;
    response.setHeader('cache-control', 'no-store');
    if (request.method === 'POST' && path !== null && this.#exchanges.has(path))
      return this.#receive(path, request, response);
    if (request.method !== 'GET' || path === null) return refuse(response, 404);
    if (path === '')
      return void response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy }).end(html);
    if (path === 'bundle.js') return sendFile(response, bundle, 'text/javascript');
    const exchange = this.#exchanges.get(path);
    if (exchange !== undefined)
      return void response
        .writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': exchange.question.byteLength })
        .end(exchange.question);
    const [, folder, name] = /^files\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    if (folder === undefined || name === undefined) return refuse(response, 404);
    try {
      await sendFile(response, files(decodeURIComponent(folder), decodeURIComponent(name)), 'application/octet-stream');
    } catch (error) {
      if (response.headersSent) throw error;
      const { code, message, hint } =
        error instanceof TouchstoneError ? error : new TouchstoneError('internal', (error as Error).message);
      response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify({ code, message, hint }));
    }
  }

  async #receive(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const length = Number(request.headers['content-length']);
    if (!(length <= maxAnswerBytes)) return refuse(response, 413);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const exchange = this.#exchanges.get(path);
    if (exchange !== undefined) exchange.answer = Buffer.concat(chunks);
    response.writeHead(204).end();
  }
}

/** By address, so that no name that resolves to this machine serves; and not from a page of another origin. */
function isFromPage({ headers: { host, origin } }: IncomingMessage, own: URL): boolean {
  return host === own.host && (origin === undefined || origin === own.origin);
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close' }).end();
}

async function sendFile(response: ServerResponse, file: string, type: string): Promise<void> {
  const { fd, size } = openBounded(file, maxBytes.weights, 'internal');
  response.writeHead(200, { 'content-type': type, 'content-length': size });
  await pipeline(createReadStream(file, { fd }), response);
}
