import { connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, for faults of the network that only this client sees. */
export interface TcpProxy {
  readonly port: number;
  /** Every connection breaks, and new ones do at once. */
  cut(): void;
  mend(): void;
  /** What the client says from now on stays on its way, also when the client dies. */
  hold(): void;
  /** What is on its way. */
  held(): string;
  /** It arrives after all. */
  release(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: URL): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const held = new Map<Socket, Buffer[]>();
  let isCut = false;
  let isHolding = false;
  const opened = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket
      .setNoDelay(true)
      .on('error', () => undefined)
      .on('close', () => sockets.delete(socket));
  };
  const toServer = (): Socket => opened(connect(Number(target.port), target.hostname));
  const server = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    opened(client);
    const upstream = toServer();
    upstream.on('data', (chunk) => client.write(chunk)).on('close', () => isHolding || client.destroy());
    client
      .on('data', (chunk: Buffer) => {
        if (isHolding) held.set(client, [...(held.get(client) ?? []), chunk]);
        else upstream.write(chunk);
      })
      .on('close', () => upstream.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut() {
      isCut = true;
      breakAll();
    },
    mend() {
      isCut = false;
    },
    hold() {
      isHolding = true;
    },
    held: () => [...held.values()].flat().join(''),
    release() {
      isHolding = false;
      // The server has given up the old connections meanwhile.
      for (const chunks of held.values()) toServer().write(Buffer.concat(chunks));
      held.clear();
    },
    async close() {
      breakAll();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
