// Servers and clients that the data plane's tests share.
import http from 'node:http';
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import type { Gateway } from '../../../src/gateways/index.js';
import type { Server } from '../../../src/members/server.js';

export const source = 'k8s.bc.bc-a';
export const upstream = 'trade-core.http';

export function serverAt(port: number, fields: Partial<Server> = {}): Server {
  return { ip: '127.0.0.1', port, weight: 100, state: 'up', uid: `uid-${port}`, zone: '', labels: {}, ...fields };
}

export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

async function listening(server: NetServer): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export const startHttp = (handler: http.RequestListener): Promise<Listening> => listening(http.createServer(handler));

/** A server that speaks for itself, byte by byte. */
export const startRaw = (handler: (socket: Socket) => void): Promise<Listening> => listening(createServer(handler));

export interface Received {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The answer broke off before its end. */
  readonly isBroken: boolean;
}

/** Sends one request through the data plane. */
export function send(dataUrl: string, options: http.RequestOptions = {}, body?: string): Promise<Received> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      dataUrl,
      { agent: false, ...options, headers: { host: upstream, ...(options.headers as object) } },
      (incoming) => {
        let text = '';
        const end = (isBroken: boolean): void => {
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, isBroken });
        };
        incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
        incoming.on('end', () => end(false));
        incoming.on('error', () => end(true));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Writes servers with growing generations, and waits until every worker has them. */
export function writerOf(client: Gateway): (servers: readonly Server[]) => Promise<void> {
  let generation = 0n;
  return async (servers) => {
    if (generation === 0n) await client.claim(source, { generation: '1', writer: 'test' });
    generation += 1n;
    const force = { reason: 'test', actor: 'test' };
    const { revision } = await client.putSource({ upstream, source, generation: String(generation), servers, force });
    const { applied } = await client.status({ minRevision: revision, waitMs: 5_000 });
    if (!applied) throw new Error(`revision ${revision} was not applied`);
  };
}

/** Resolves when it holds; throws after five seconds. */
export async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not within 5 s: ${holds.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
