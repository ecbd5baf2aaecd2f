import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startApiServer, type ApiServer } from '../../../src/testing/cluster/api-server.js';
import { createStore } from '../../../src/testing/cluster/memory-store.js';
import { connectApi, type Api, type Answer } from '../../contract/kubernetes/client.js';

const path = '/api/v1/namespaces/default/pods';

let server: ApiServer;

beforeAll(async () => {
  server = await startApiServer({
    store: createStore(),
    clusterName: 'bc-a',
    host: '127.0.9.1',
    tokens: { secret: { name: 'robot', groups: [] } },
    forbidden: ({ user, verb }) => user.name === 'robot' && verb === 'create',
  });
});

afterAll(() => server.stop());

async function asUser(kubeconfig: string, use: (api: Api) => Promise<Answer>): Promise<Answer> {
  const api = connectApi(kubeconfig);
  try {
    return await use(api);
  } finally {
    api.close();
  }
}

describe('access to the embedded API', () => {
  it('is by a kubeconfig with one context, named after the cluster', () => {
    expect(parse(server.kubeconfig)).toMatchObject({
      kind: 'Config',
      'current-context': 'bc-a',
      contexts: [{ name: 'bc-a', context: { cluster: 'bc-a', user: 'bc-a-admin' } }],
      clusters: [{ name: 'bc-a', cluster: { server: server.url } }],
    });
    expect(server.url).toMatch(/^https:\/\/127\.0\.9\.1:\d+$/);
  });

  it('is open to the administrator and to a client certificate of another user', async () => {
    const viewer = await server.kubeconfigFor({ user: 'viewer', groups: ['viewers'] });
    for (const kubeconfig of [server.kubeconfig, viewer])
      expect((await asUser(kubeconfig, (api) => api.get(path))).status).toBe(200);
  });

  it('is open to a bearer token', async () => {
    const kubeconfig = await server.kubeconfigFor({ token: 'secret' });
    expect((await asUser(kubeconfig, (api) => api.get(path))).status).toBe(200);
  });

  it('is closed without proof, to an expired certificate and to another cluster’s', async () => {
    const other = await startApiServer({ store: createStore(), clusterName: 'bc-b' });
    const mine = parse(server.kubeconfig) as { clusters: unknown[]; users: unknown[] };
    const foreign = parse(other.kubeconfig) as { users: unknown[] };
    await other.stop();
    const expired = await server.kubeconfigFor({ user: 'late', notAfter: new Date(Date.now() - 60_000) });
    const strangers = [
      await server.kubeconfigFor({ token: 'wrong' }),
      expired,
      JSON.stringify({ ...mine, users: foreign.users }),
      JSON.stringify({ ...mine, users: [{ name: 'nobody', user: {} }] }),
    ];
    for (const kubeconfig of strangers) {
      const answer = await asUser(kubeconfig, (api) => api.get(path));
      expect([answer.status, answer.body['reason']]).toEqual([401, 'Unauthorized']);
    }
  });

  it('is refused for what a rule forbids, in the words of RBAC', async () => {
    const kubeconfig = await server.kubeconfigFor({ token: 'secret' });
    const answer = await asUser(kubeconfig, (api) => api.post(path, {}));
    expect(answer.body).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'pods is forbidden: User "robot" cannot create resource "pods" in API group "" in the namespace "default"',
      details: { kind: 'pods' },
    });
  });

  it('stays the same on a kept connection', async () => {
    const api = connectApi(server.kubeconfig);
    for (let time = 0; time < 3; time += 1) expect((await api.get(path)).status).toBe(200);
    api.close();
  });
});
