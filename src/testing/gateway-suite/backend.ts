import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Server } from '../../members/index.js';
import { server } from './writer.js';

/** A server that the gateway can send requests to; it answers with its own name, or only when it is let. */
export interface SuiteBackend {
  readonly name: string;
  readonly requests: number;
  server(fields?: Partial<Server>): Server;
  /** Holds answers back until the way back is called. */
  hold(): () => void;
  close(): Promise<void>;
}

/** Starts one on a free port. */
export async function startSuiteBackend(name: string, ip: string): Promise<SuiteBackend> {
  let requests = 0;
  let held: Promise<void> = Promise.resolve();
  const listener = http.createServer((_, response) => {
    requests += 1;
    void held.then(() => response.end(name));
  });
  await new Promise<void>((resolve) => listener.listen(0, ip, resolve));
  const { port } = listener.address() as AddressInfo;
  return {
    name,
    get requests() {
      return requests;
    },
    server: (fields = {}) => server(1, { ip, port, uid: `pod-${name}`, ...fields }),
    hold: () => {
      let release = (): void => undefined;
      held = new Promise((resolve) => (release = resolve));
      return () => {
        held = Promise.resolve();
        release();
      };
    },
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        listener.closeAllConnections();
      }),
  };
}
