// Between a syncer and a gateway: lets a writer's requests pass up to one, which stays before the gateway, or whose answer
// stays behind it.
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface WriteGate {
  readonly url: string;
  /** Resolves with true when the request was reached at which nothing passes any more, and with false at `open`. */
  readonly reached: Promise<boolean>;
  /** Everything passes from now on. */
  open(): void;
  close(): Promise<void>;
}

/** Counts requests that write, claims too, from 1. */
export async function openWriteGate(
  gateway: string,
  stop: { readonly at: number; readonly side: 'before' | 'after' },
): Promise<WriteGate> {
  let [count, isOpen] = [0, false];
  let reach: (isReached: boolean) => void;
  const reached = new Promise<boolean>((resolve) => (reach = resolve));
  const server = http.createServer((request, answer) => {
    const { method = 'GET', headers } = request;
    const isHeld = !isOpen && method !== 'GET' && (count += 1) >= stop.at;
    if (isHeld && stop.side === 'before') {
      reach(true);
      return;
    }
    const onward = http.request(new URL(request.url ?? '', gateway), { method, headers, agent: false });
    onward.on('error', () => answer.destroy());
    onward.on('response', (response) => {
      if (isHeld) {
        response.resume().on('end', () => reach(true));
        return;
      }
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reached,
    open() {
      isOpen = true;
      reach(false);
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
