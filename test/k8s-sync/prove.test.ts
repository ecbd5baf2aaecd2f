import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prove } from '../../src/k8s-sync/prove.js';
import {
  createKubeClient,
  credentialsFromKubeconfig,
  type KubeClient,
  type KubeObject,
  resources,
} from '../../src/kube/index.js';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../src/testing/index.js';

type Asked = Parameters<typeof prove>[1]['pods'][string];

describe('proof of what became of a pod', () => {
  let cluster: EmbeddedCluster;
  let client: KubeClient;
  const uids: Record<string, string> = {};
  const { signal } = new AbortController();

  const podIn = async (namespace: string, name: string): Promise<void> => {
    const { metadata } = await client.create<KubeObject>(resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, finalizers: ['youzan.com/test'] },
      // No node runs it.
      spec: { schedulerName: 'nobody', containers: [{ name: 'app', image: 'none' }] },
    });
    uids[name] = metadata.uid ?? '';
  };
  const look = async (pods: Readonly<Record<string, Asked>>, namespace?: string): Promise<unknown> =>
    (await prove(client, { type: 'prove', upstream: 'shop.http', pods, services: [] }, { namespace, signal })).pods;
  const nameless = (uid: string): Asked => ({ namespace: '', pod: '', uid });

  beforeAll(async () => {
    cluster = await startEmbeddedCluster({ name: 'bc-a' });
    const credentials = credentialsFromKubeconfig({ cluster: 'bc-a', text: cluster.kubeconfig });
    client = createKubeClient({ name: 'bc-a', credentials });
    for (const name of ['here', 'there'])
      await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await podIn('here', 'lives');
    await podIn('here', 'ends');
    await podIn('there', 'elsewhere');
    await client.delete(resources.pods, { namespace: 'here', name: 'ends' });
  });
  afterAll(async () => {
    await client.close();
    await cluster.stop();
  });

  it('goes by the UID where a slice gave its namespace and name: another pod under the name is not it', async () => {
    const named = (pod: string, uid = uids[pod] ?? ''): Asked => ({ namespace: 'here', pod, uid });
    expect(await look({ a: named('lives'), b: named('ends'), c: named('lives', 'former'), d: named('never') })).toEqual(
      {
        a: 'alive',
        b: 'terminating',
        c: 'gone',
        d: 'gone',
      },
    );
  });

  it('looks through all namespaces for one that is known by its UID only', async () => {
    expect(await look({ a: nameless(uids['ends']!), b: nameless(uids['elsewhere']!), c: nameless('former') })).toEqual({
      a: 'terminating',
      b: 'alive',
      c: 'gone',
    });
  });

  it('says nothing, where it sees one namespace, of one that is not in it: it may be in another', async () => {
    const asked = { a: nameless(uids['ends']!), b: nameless(uids['elsewhere']!), c: nameless('former') };
    expect(await look(asked, 'here')).toEqual({ a: 'terminating' });
  });
});
