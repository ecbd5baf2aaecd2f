import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resources, type KubeClient, type KubeObject } from '../../src/kube/index.js';
import { clientOf, readyPods } from './node/pods.js';
import { waitFor } from './processes/wait.js';
import { useLab } from './use-lab.js';

const namespace = 'default';
const metadata = { name: 'many', namespace };
const labels = { app: 'many' };
const pods = 500;

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: {
    replicas: pods,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
    },
  },
};
const service = { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: [{ port: 80 }] } };

interface Slice extends KubeObject {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions: { readonly ready?: boolean };
  }[];
}

describe('a cluster of the tier scale', () => {
  let client: KubeClient;

  // KWOK is built when it is not in the cache.
  beforeAll(async () => {
    const { scale } = await useLab({ scale: { idc: 'bc', scale: { nodes: 50 } } });
    client = clientOf(scale);
  }, 600_000);
  afterAll(async () => {
    await client.delete(resources.deployments, { namespace, name: 'many' });
    await client.delete(resources.services, { namespace, name: 'many' });
    await client.close();
  });

  it('has 50 nodes that are ready', async () => {
    const nodes = (await client.list(resources.nodes)).items as readonly (KubeObject & {
      readonly status: { readonly conditions: readonly object[] };
    })[];
    expect(nodes).toHaveLength(50);
    for (const { status } of nodes)
      expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
  });

  it('gets 500 pods ready over all of its nodes, each with an address of its own in an EndpointSlice', async () => {
    await client.create(resources.services, service);
    await client.create(resources.deployments, deployment);
    const start = Date.now();
    const ready = await readyPods(client, namespace, 'app=many', pods, 90_000);
    const readyMs = Date.now() - start;
    expect(new Set(ready.map(({ spec }) => spec.nodeName)).size).toBe(50);

    const labelSelector = 'kubernetes.io/service-name=many';
    const inSlices = async (): Promise<readonly string[] | undefined> => {
      const { items } = await client.list<Slice>(resources.endpointSlices, { namespace, labelSelector });
      const found = items.flatMap(({ endpoints = [] }) =>
        endpoints.filter(({ conditions }) => conditions.ready === true).flatMap(({ addresses }) => addresses),
      );
      return found.length === pods ? found : undefined;
    };
    const addresses = await waitFor(`${pods} endpoints`, inSlices, { deadlineMs: 30_000 });
    console.log(`${pods} pods ready after ${readyMs} ms, in slices after ${Date.now() - start} ms`);
    expect(new Set(addresses)).toEqual(new Set(ready.map(({ status }) => status.podIP)));
    expect(new Set(addresses).size).toBe(pods);
  });
});
