import { Counter, Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { type MetricsServer, serveMetrics, type ServeMetricsOptions } from '../../src/exporters/index.js';

const servers: MetricsServer[] = [];
async function serve(options: Partial<ServeMetricsOptions> = {}): Promise<MetricsServer> {
  const server = await serveMetrics({ registry: new Registry(), port: 0, ...options });
  servers.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

describe('serveMetrics', () => {
  it('serves the registry that it was given', async () => {
    const registry = new Registry();
    new Counter({ name: 'kicks_total', help: 'Kicks.', registers: [registry] }).inc(3);
    const answer = await fetch(`${(await serve({ registry })).url}/metrics`);
    expect(answer.headers.get('content-type')).toBe(registry.contentType);
    expect(await answer.text()).toContain('kicks_total 3');
  });

  it('answers 200 or 503 as health and readiness are at that moment', async () => {
    let good = true;
    const { url } = await serve({ health: () => good, ready: () => !good });
    const codes = async (): Promise<number[]> =>
      (await Promise.all(['/healthz', '/readyz'].map((path) => fetch(`${url}${path}`)))).map(({ status }) => status);
    expect(await codes()).toEqual([200, 503]);
    good = false;
    expect(await codes()).toEqual([503, 200]);
  });

  it.each([
    ['GET', '/else', 404],
    ['POST', '/metrics', 405],
    ['HEAD', '/healthz', 200],
    ['GET', '/metrics?name=x', 200],
  ])('answers %s %s with %i', async (method, path, status) => {
    const { url } = await serve();
    expect((await fetch(`${url}${path}`, { method })).status).toBe(status);
  });

  it('says 500 when a metric cannot be collected, and goes on', async () => {
    const registry = new Registry();
    new Counter({
      name: 'broken_total',
      help: 'Broken.',
      registers: [registry],
      collect() {
        throw new Error('no figures');
      },
    });
    const { url } = await serve({ registry });
    const answer = await fetch(`${url}/metrics`);
    expect([answer.status, await answer.text()]).toEqual([500, 'Error: no figures\n']);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('names the address that is taken', async () => {
    const { url } = await serve();
    const port = Number(new URL(url).port);
    await expect(serve({ port })).rejects.toMatchObject({ code: 'METRICS_ADDRESS', path: `127.0.0.1:${port}` });
  });

  it('frees its port on stop, also twice', async () => {
    const server = await serve();
    await server.stop();
    await server.stop();
    await expect(fetch(server.url)).rejects.toThrow();
  });
});
