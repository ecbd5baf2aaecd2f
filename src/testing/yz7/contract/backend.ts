import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Yz7ContractContext } from './context.js';
import type { Json } from './wire.js';

/** A server that the gateway can send requests to; it answers with its own name. */
export interface Backend {
  readonly name: string;
  readonly requests: number;
  /** As it stands in a source. */
  server(fields?: Json): Json;
  /** Holds every answer back until the way back is called. */
  hold(): () => void;
  /** Resolves when so many requests have come. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts one on a free port of the context's address. */
export async function startBackend(context: Yz7ContractContext, name: string): Promise<Backend> {
  const ip = context.serverIp ?? '127.0.0.1';
  let requests = 0;
  let held: Promise<void> | undefined;
  const waiting = new Set<() => void>();
  const server = http.createServer((request, response) => {
    requests += 1;
    for (const look of [...waiting]) look();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void (held ?? Promise.resolve()).then(() => {
        const { method, url, headers } = request;
        response.writeHead(200, { 'content-type': 'application/json', 'x-backend': name });
        response.end(JSON.stringify({ name, method, url, headers, body: Buffer.concat(chunks).toString() }));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, ip, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    name,
    get requests() {
      return requests;
    },
    server: (fields = {}) => ({ ip, port, uid: name, labels: { color: 'stable' }, ...fields }),
    hold: () => {
      let release = (): void => undefined;
      held = new Promise((resolve) => (release = resolve));
      return () => {
        held = undefined;
        release();
      };
    },
    received: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (requests < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
