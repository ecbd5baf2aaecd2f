// What a real API server refuses, and what our client says of it.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type KubeClient, resources } from '../../src/kube/index.js';
import { makeServiceAccount, resigned, serviceAccounts, tokenOf, whoAmI } from './accounts/service-account.js';
import { tokenClient } from './accounts/token-client.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { clientOf } from './node/pods.js';
import { useLab } from './use-lab.js';

const namespace = 'kube-refused';
const account = { namespace, name: 'reader' };
const wait = { timeout: 20_000, interval: 50 };

let cluster: LabCluster;
let admin: KubeClient;
const clients: KubeClient[] = [];

const withToken = (token: string): KubeClient => {
  const client = tokenClient(cluster, token);
  clients.push(client);
  return client;
};

beforeAll(async () => {
  ({ kube: cluster } = await useLab({ kube: { idc: 'bd' } }));
  admin = clientOf(cluster);
  await admin.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await makeServiceAccount(admin, account);
});
afterAll(() => admin.close());
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

describe('credentials that a real API server refuses', () => {
  it.each([
    ['a token that nobody has made', (): string => 'nobody-made-this'],
    [
      'a token that has expired',
      (token: string): string => {
        const past = Math.floor(Date.now() / 1000) - 3600;
        return resigned(cluster, token, (claims) => ({ ...claims, iat: past - 600, nbf: past - 600, exp: past }));
      },
    ],
    [
      'a token for another audience',
      (token: string): string => resigned(cluster, token, (claims) => ({ ...claims, aud: ['https://elsewhere'] })),
    ],
  ])('%s is KUBE_UNAUTHORIZED, with the cluster and what to look at', async (_, tokenFrom) => {
    const client = withToken(tokenFrom(await tokenOf(admin, account)));
    const list = client.list(resources.pods, { namespace });
    await expect(list).rejects.toMatchObject({
      code: 'KUBE_UNAUTHORIZED',
      status: 401,
      path: cluster.name,
      message: `cluster ${cluster.name}: list pods ${namespace}: 401 Unauthorized: Unauthorized`,
      hint: expect.stringContaining('kubeconfig') as unknown,
    });
  });

  it('takes a token with changed claims that keeps the rules, so that the refusals above are for their reason', async () => {
    const later = (claims: Readonly<Record<string, unknown>>) => ({ ...claims, exp: Number(claims['exp']) + 60 });
    const token = resigned(cluster, await tokenOf(admin, account), later);
    expect((await whoAmI(withToken(token))).user).toBe(`system:serviceaccount:${namespace}:${account.name}`);
  });

  it('a token whose service account is deleted', async () => {
    const gone = { namespace, name: 'gone' };
    await makeServiceAccount(admin, gone);
    const client = withToken(await tokenOf(admin, gone));
    expect((await whoAmI(client)).user).toContain('gone');
    await admin.delete(serviceAccounts, gone);
    // The server remembers a token that was good for ten seconds.
    await vi.waitFor(() => expect(whoAmI(client)).rejects.toMatchObject({ code: 'KUBE_UNAUTHORIZED' }), wait);
  });
});

describe('permissions that it misses', () => {
  const metadata = { namespace, name: 'thing' };
  it.each<[string, (client: KubeClient) => Promise<unknown>, string]>([
    ['get', (client) => client.get(resources.pods, metadata), 'cannot get resource "pods" in API group ""'],
    [
      'list',
      (client) => client.list(resources.deployments, { namespace }),
      'cannot list resource "deployments" in API group "apps"',
    ],
    [
      'watch',
      async (client) => {
        for await (const event of client.watch(resources.endpointSlices, { namespace })) return event;
        return undefined;
      },
      'cannot watch resource "endpointslices" in API group "discovery.k8s.io"',
    ],
    [
      'create',
      (client) => client.create(resources.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata }),
      'cannot create resource "configmaps" in API group ""',
    ],
    [
      'replace',
      (client) =>
        client.replace(resources.leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: {} }),
      'cannot update resource "leases" in API group "coordination.k8s.io"',
    ],
    [
      'apply',
      (client) =>
        client.apply(
          resources.services,
          { apiVersion: 'v1', kind: 'Service', metadata, spec: {} },
          { fieldManager: 'me' },
        ),
      'cannot patch resource "services" in API group ""',
    ],
    ['delete', (client) => client.delete(resources.secrets, metadata), 'cannot delete resource "secrets"'],
    ['logs', (client) => client.logs(metadata), 'cannot get resource "pods/log" in API group ""'],
    ['exec', (client) => client.exec(metadata, ['true']), 'cannot get resource "pods/exec" in API group ""'],
  ])(
    'a %s without the permission is KUBE_FORBIDDEN that names verb, resource and namespace',
    async (_, call, words) => {
      const client = withToken(await tokenOf(admin, account));
      const error = await call(client).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({
        code: 'KUBE_FORBIDDEN',
        path: cluster.name,
        hint: expect.stringContaining('RBAC') as unknown,
        message: expect.stringContaining(words) as unknown,
      });
      expect((error as Error).message).toContain(`in the namespace "${namespace}"`);
      expect((error as Error).message).toContain(`cluster ${cluster.name}: `);
    },
  );

  it('names the whole cluster where that is what was asked for', async () => {
    const client = withToken(await tokenOf(admin, account));
    await expect(client.list(resources.secrets)).rejects.toThrow(
      'cannot list resource "secrets" in API group "" at the cluster scope',
    );
  });
});
