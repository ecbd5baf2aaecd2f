import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body?: string;
}

export interface Posted {
  readonly path: string;
  readonly type: string | undefined;
  readonly body: string;
}

/** What an app is for its hooks: a port with a health address and a switch. */
export interface AppServer {
  readonly port: number;
  /** Path and query of each request, in order. */
  readonly requests: readonly string[];
  /** The bodies of the POSTs, in order. */
  readonly posted: readonly Posted[];
  readonly close: () => Promise<void>;
}

/**
 * Listens on 127.0.0.1; `answer` gets the path and how often it was asked before, `undefined` leaves the caller waiting.
 * With `lateMs` it answers so much later, and as Go's servers do: 499 for a caller who has ended his half by then.
 */
export async function startAppServer(
  answer: (path: string, asked: number) => Answer | undefined,
  { lateMs = 0 }: { readonly lateMs?: number } = {},
): Promise<AppServer> {
  const requests: string[] = [];
  const posted: Posted[] = [];
  const server = createServer((request, response) => {
    const { url = '', method, headers } = request;
    const chunks: Buffer[] = [];
    let left = false;
    request.socket.on('end', () => (left = true));
    const say = ({ status, body = '' }: Answer): void => {
      response.writeHead(left && lateMs > 0 ? 499 : status, { connection: 'close' });
      response.end(body);
    };
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const given = answer(url, requests.filter((path) => path === url).length);
      requests.push(url);
      if (method === 'POST')
        posted.push({ path: url, type: headers['content-type'], body: Buffer.concat(chunks).toString() });
      if (given === undefined) return;
      if (lateMs > 0) setTimeout(say, lateMs, given);
      else say(given);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    posted,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
