import { connect as connectTcp, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApiServer, type ApiServer } from '../../../src/testing/cluster/api-server.js';
import { createStore } from '../../../src/testing/cluster/memory-store.js';
import { connectApi, RefusedWatch, type Api } from '../../contract/kubernetes/client.js';
import { at, versionOf } from '../../contract/kubernetes/world.js';

const path = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

let server: ApiServer;
let api: Api;

beforeEach(async () => {
  server = await startApiServer({ store: createStore(), clusterName: 'faulty' });
  api = connectApi(server.kubeconfig);
});

afterEach(async () => {
  api.close();
  await server.stop();
});

const now = async (): Promise<string> => versionOf((await api.get(path)).body);

/** Resolves with `silent` when a promise says nothing for a while. */
const orSilent = <T>(promise: Promise<T>): Promise<T | 'silent'> =>
  Promise.race([promise, new Promise<'silent'>((resolve) => setTimeout(() => resolve('silent'), 150))]);

describe('stall', () => {
  it('leaves requests and watches without an answer until it is healed', async () => {
    const watch = await api.watch(path, { resourceVersion: await now() });
    server.faults.stall();
    const created = api.post(path, configMap('late'));
    const event = watch.next();
    expect(await orSilent(Promise.race([created, event]))).toBe('silent');
    server.faults.heal();
    expect((await created).status).toBe(201);
    expect((await event).object.metadata['name']).toBe('late');
    watch.close();
  });

  it('does nothing for a client that has given up', async () => {
    server.faults.stall();
    const impatient = connectApi(server.kubeconfig);
    const lost = impatient.post(path, configMap('given-up')).catch(() => 'lost');
    await orSilent(lost);
    impatient.close();
    expect(await lost).toBe('lost');
    server.faults.heal();
    expect((await api.get(`${path}/given-up`)).status).toBe(404);
  });
});

describe('partition', () => {
  it('lets new connections hang before TLS, and heals', async () => {
    server.faults.partition();
    const fresh = connectApi(server.kubeconfig);
    const answer = fresh.get(path);
    expect(await orSilent(answer)).toBe('silent');
    server.faults.heal();
    expect((await answer).status).toBe(200);
    fresh.close();
  });
});

describe('resetConnections', () => {
  it('cuts a watch, and the next request works', async () => {
    const watch = await api.watch(path, { resourceVersion: await now() });
    server.faults.resetConnections();
    await expect(watch.next()).rejects.toThrow('the watch has ended');
    expect((await api.get(path)).status).toBe(200);
  });
});

describe('watches', () => {
  it('end in the middle of a line', async () => {
    const watch = await api.watch(path, { resourceVersion: await now() });
    server.faults.truncateWatches();
    await api.post(path, configMap('half'));
    expect(await watch.rest()).toEqual([]);
  });

  it('get an ERROR event and stay open', async () => {
    const watch = await api.watch(path, { resourceVersion: await now() });
    server.faults.errorInWatches(500);
    expect(await watch.next()).toMatchObject({
      type: 'ERROR',
      object: { kind: 'Status', code: 500, reason: 'InternalError' },
    });
    await api.post(path, configMap('after-the-error'));
    expect((await watch.next()).object.metadata['name']).toBe('after-the-error');
    watch.close();
  });

  it('get a 410 and end when the history is compacted', async () => {
    const resourceVersion = await now();
    const watch = await api.watch(path, { resourceVersion });
    await api.post(path, configMap('forgotten'));
    await watch.next();
    server.faults.expire();
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(await watch.rest()).toEqual([]);
  });

  it('are refused with an HTTP 410 when a test wants that', async () => {
    const resourceVersion = await now();
    await api.post(path, configMap('forgotten'));
    server.faults.expire({ as: 'status' });
    const failure = await api.watch(path, { resourceVersion }).catch((error: unknown) => error);
    if (!(failure instanceof RefusedWatch)) throw new Error('the watch was not refused');
    expect(failure.status).toBe(410);
    expect(failure.body).toMatchObject({ kind: 'Status', reason: 'Expired', code: 410 });
  });

  it('are counted', async () => {
    const watch = await api.watch(path, { resourceVersion: await now() });
    expect(server.faults.openWatches(/configmaps/)).toBe(1);
    watch.close();
    await expect.poll(() => server.faults.openWatches()).toBe(0);
  });
});

describe('answers', () => {
  it('are refused a number of times, with Retry-After', async () => {
    server.faults.failNext(2, { status: 429, retryAfterSeconds: 3 });
    for (let time = 0; time < 2; time += 1) {
      const answer = await api.get(path);
      expect([answer.status, answer.headers['retry-after']]).toEqual([429, '3']);
      // As a real server that has too much to do: no Status.
      expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
      expect(answer.text).toBe('Too many requests, please try again later.\n');
    }
    expect((await api.get(path)).status).toBe(200);
  });

  it('are refused for writes to some paths only', async () => {
    const stopRefusing = server.faults.refuseWrites(/configmaps/);
    expect((await api.post(path, configMap('refused'))).status).toBe(503);
    expect((await api.get(path)).status).toBe(200);
    stopRefusing();
    expect((await api.post(path, configMap('refused'))).status).toBe(201);
  });

  it('drip', async () => {
    await api.post(path, configMap('slow'));
    server.faults.drip(32, 5);
    const started = performance.now();
    const answer = await api.get(path);
    expect(answer.body).toMatchObject({ kind: 'ConfigMapList', items: [{ metadata: { name: 'slow' } }] });
    expect(performance.now() - started).toBeGreaterThan(20);
  });
});

describe('skewClock', () => {
  it('sets timestamps ahead', async () => {
    server.faults.skewClock(3_600_000);
    const { body } = await api.post(path, configMap('from-the-future'));
    const made = Date.parse(String(at(body, 'metadata.creationTimestamp')));
    expect(Math.abs(made - Date.now() - 3_600_000)).toBeLessThan(60_000);
  });
});

describe('writes', () => {
  it('are remembered with who asked and what came of it', async () => {
    await api.post(path, configMap('audited'), { fieldManager: 'tester' });
    await api.post(path, configMap('audited'));
    await api.delete(`${path}/audited`);
    expect(server.faults.writes('configmaps')).toMatchObject([
      { method: 'POST', namespace: 'default', user: 'kubernetes-admin', fieldManager: 'tester', status: 201 },
      { method: 'POST', fieldManager: 'contract', userAgent: 'contract/1.0', status: 409 },
      { method: 'DELETE', name: 'audited', status: 200 },
    ]);
    expect(server.faults.writeCounts()).toEqual({ 'POST configmaps': 2, 'DELETE configmaps': 1 });
    expect(server.faults.writes('deployments')).toEqual([]);
  });
});

describe('stop', () => {
  it('cuts everything and frees the port', async () => {
    const watch = await api.watch(path, { resourceVersion: await now() });
    const { hostname, port } = new URL(server.url);
    await server.stop();
    await expect(watch.next()).rejects.toThrow('the watch has ended');
    const refused = await new Promise<string>((resolve) => {
      const socket: Socket = connectTcp(Number(port), hostname, () => resolve('connected'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
    expect(refused).toBe('ECONNREFUSED');
  });
});
