import type http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A server that listens, and can stop with all its connections. */
export interface Listener {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Resolves when the server listens; port 0 takes any free one. */
export async function listen(server: http.Server, host: string, port: number): Promise<Listener> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${address.port}`,
    port: address.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
