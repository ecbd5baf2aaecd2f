import { createServer, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { YouzanKubeError } from '../conventions/index.js';

export interface ServeMetricsOptions {
  readonly registry: Registry;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** 0 for any free port. */
  readonly port: number;
  /** `/healthz` is 200 while this is true. Default: always. */
  readonly health?: () => boolean;
  /** `/readyz` is 200 while this is true. Default: always. */
  readonly ready?: () => boolean;
}

export interface MetricsServer {
  /** `http://host:port`. */
  readonly url: string;
  /** Ends every connection; safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Serves `/metrics`, `/healthz` and `/readyz`.
 *
 * @throws YouzanKubeError `METRICS_ADDRESS` when it cannot listen there.
 *
 * @example
 * const { url, stop } = await serveMetrics({ registry, port: 9464, ready: () => sync.state() === 'live' });
 */
export async function serveMetrics(options: ServeMetricsOptions): Promise<MetricsServer> {
  const { registry, host = '127.0.0.1', port, health = () => true, ready = () => true } = options;
  const probe = (response: ServerResponse, good: boolean): void => {
    response.writeHead(good ? 200 : 503, { 'content-type': 'text/plain' }).end(good ? 'ok\n' : 'not ok\n');
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end();
    else if (path === '/healthz') probe(response, health());
    else if (path === '/readyz') probe(response, ready());
    else if (path === '/metrics') {
      registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        (error: unknown) => response.writeHead(500, { 'content-type': 'text/plain' }).end(`${String(error)}\n`),
      );
    } else response.writeHead(404).end();
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const hint = 'another program may have the port: choose one that is free, or 0';
      const message = `can't serve metrics at ${host}:${port}: ${cause.message}`;
      reject(new YouzanKubeError('METRICS_ADDRESS', message, { path: `${host}:${port}`, hint, cause }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    async stop() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
