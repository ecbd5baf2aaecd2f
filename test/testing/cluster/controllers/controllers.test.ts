import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resources } from '../../../../src/kube/resource.js';
import { startControllers } from '../../../../src/testing/cluster/controllers/controllers.js';
import {
  getOf,
  kinds,
  listOf,
  type DeploymentObject,
  type EndpointSliceObject,
  type PodObject,
  type ReplicaSetObject,
} from '../../../../src/testing/cluster/controllers/objects.js';
import { createStore, type MemoryStore } from '../../../../src/testing/cluster/memory-store.js';
import { deployment, node, service } from '../objects.js';
import { until } from '../until.js';

let store: MemoryStore;
let controllers: { stop(): void };
const errors: unknown[] = [];

beforeEach(() => {
  store = createStore();
  errors.length = 0;
  controllers = startControllers({ store, onError: (...error) => void errors.push(error) });
  store.create(resources.nodes, node('node-1'), 'test');
});
afterEach(() => {
  controllers.stop();
  expect(errors).toEqual([]);
});

const pods = (): PodObject[] => listOf(store, kinds.pods, 'default');
const sets = (): ReplicaSetObject[] => listOf(store, kinds.replicaSets, 'default');
const slices = (): EndpointSliceObject[] => listOf(store, kinds.endpointSlices, 'default');
const web = (): DeploymentObject => getOf(store, kinds.deployments, 'default', 'web')!;
const change = (spec: Partial<DeploymentObject['spec']>): void =>
  void store.update(resources.deployments, { ...web(), spec: { ...web().spec, ...spec } }, 'test');

/** What a kubelet would write. */
function markReady(pod: PodObject, ready = true): void {
  const index = pods().findIndex(({ metadata }) => metadata.name === pod.metadata.name);
  const lastTransitionTime = new Date().toISOString();
  const status = {
    ...pod.status,
    phase: 'Running',
    podIP: `127.9.9.${index + 2}`,
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime }],
  };
  store.update(
    resources.pods,
    { ...getOf(store, kinds.pods, 'default', pod.metadata.name)!, status },
    'kubelet',
    'status',
  );
}
const removePods = (): void => {
  for (const { metadata } of pods().filter(({ metadata }) => metadata.deletionTimestamp !== undefined)) {
    store.delete(resources.pods, 'default', metadata.name, { gracePeriodSeconds: 0 });
  }
};
const scheduled = (count: number): Promise<PodObject[]> =>
  until(store, `${count} pods on a node`, () => {
    const found = pods().filter(({ spec }) => spec.nodeName !== undefined);
    return found.length === count && found;
  });
const complete = (): Promise<unknown> =>
  until(store, 'a complete rollout', () => {
    const { metadata, status, spec } = web();
    return (
      status?.observedGeneration === metadata.generation &&
      status?.availableReplicas === spec.replicas &&
      status?.updatedReplicas === spec.replicas &&
      status?.replicas === spec.replicas
    );
  });

/** A Deployment of two available pods. */
async function running(): Promise<void> {
  store.create(resources.services, { ...service(), metadata: { ...service().metadata, uid: undefined } }, 'test');
  store.create(
    resources.deployments,
    deployment(
      'web',
      { replicas: 2, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
      { ports: [{ name: 'http', containerPort: 8030 }] },
    ),
    'test',
  );
  for (const pod of await scheduled(2)) markReady(pod);
  await complete();
}

describe('a Deployment', () => {
  it('gets a ReplicaSet and pods that are bound to a node', async () => {
    await running();
    const [set] = sets();
    const hash = set?.metadata.labels?.['pod-template-hash'];
    expect(set?.metadata.name).toBe(`web-${hash ?? ''}`);
    expect(pods().map(({ metadata }) => metadata.labels?.['pod-template-hash'])).toEqual([hash, hash]);
    expect(web().metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
  });

  it('rolls a new template out without ever going below its replicas', async () => {
    await running();
    change({ template: { ...web().spec.template, metadata: { labels: { app: 'web', version: '2' } } } });
    const isNew = (pod: PodObject): boolean => pod.metadata.labels?.version === '2';
    let fewest = Infinity;
    const stop = store.subscribe(() => {
      const serving = pods().filter(
        (pod) => pod.metadata.deletionTimestamp === undefined && pod.status?.conditions?.[0]?.status === 'True',
      );
      fewest = Math.min(fewest, serving.length);
    });
    for (let step = 0; step < 2; step += 1) {
      const fresh = await until(store, 'a new pod', () =>
        pods().find((pod) => isNew(pod) && pod.spec.nodeName !== undefined && pod.status?.podIP === undefined),
      );
      markReady(fresh);
      await until(store, 'an old pod that ends', () =>
        pods().some((pod) => pod.metadata.deletionTimestamp !== undefined),
      );
      removePods();
    }
    await complete();
    stop();
    expect(fewest).toBe(2);
    expect(pods().every(isNew)).toBe(true);
    expect(
      sets()
        .map(({ spec }) => spec.replicas)
        .sort(),
    ).toEqual([0, 2]);
    expect(web().metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
  });

  it('makes no new ReplicaSet while it is paused, but scales', async () => {
    await running();
    change({
      paused: true,
      replicas: 3,
      template: { ...web().spec.template, metadata: { labels: { app: 'web', version: '2' } } },
    });
    await scheduled(3);
    expect(sets()).toHaveLength(1);
  });

  it('takes the old ReplicaSet again when the old template comes back', async () => {
    await running();
    const { template } = web().spec;
    change({ template: { ...template, metadata: { labels: { app: 'web', version: '2' } } } });
    await until(store, 'two ReplicaSets', () => sets().length === 2);
    change({ template });
    await until(store, 'revision 3', () => web().metadata.annotations?.['deployment.kubernetes.io/revision'] === '3');
    await until(store, 'only old pods', () => {
      removePods();
      return pods().every(({ metadata }) => metadata.labels?.version === undefined);
    });
    expect(sets()).toHaveLength(2);
  });

  it('takes its ReplicaSets and pods along when it is deleted', async () => {
    await running();
    store.delete(resources.deployments, 'default', 'web');
    await until(
      store,
      'pods that end',
      () => pods().length === 2 && pods().every(({ metadata }) => metadata.deletionTimestamp !== undefined),
    );
    removePods();
    await until(store, 'nothing left', () => pods().length === 0 && sets().length === 0);
  });

  it('refuses the Recreate strategy in its conditions', async () => {
    store.create(resources.deployments, deployment('web', { strategy: { type: 'Recreate' } }), 'test');
    await until(store, 'a refusal', () => web().status?.conditions?.[0]?.reason === 'NotModelled');
    expect(sets()).toEqual([]);
  });
});

describe('a Service', () => {
  it('gets a slice with its own labels, its ports and its ready pods', async () => {
    await running();
    const slice = await until(store, 'two ready endpoints', () =>
      slices().find(({ endpoints }) => endpoints?.filter(({ conditions }) => conditions?.ready).length === 2),
    );
    expect(slice).toMatchObject({
      metadata: {
        labels: {
          'youzan.com/app': 'web',
          'kubernetes.io/service-name': 'web',
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        },
      },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8030, protocol: 'TCP' }],
    });
    expect(slice.endpoints?.map(({ zone }) => zone)).toEqual(['bc', 'bc']);
  });

  it('loses a pod whose labels no longer match', async () => {
    await running();
    const [one] = pods();
    store.update(resources.pods, { ...one!, metadata: { ...one!.metadata, labels: { isolated: 'true' } } }, 'test');
    await until(store, 'the pod gone from the slices', () =>
      slices().every(({ endpoints }) => endpoints?.every(({ targetRef }) => targetRef?.uid !== one!.metadata.uid)),
    );
    await scheduled(3);
  });

  it('takes its slices along', async () => {
    await running();
    store.delete(resources.services, 'default', 'web');
    await until(store, 'no slices', () => slices().length === 0);
  });
});

describe('a node', () => {
  it('that is not ready makes its pods not ready', async () => {
    await running();
    store.update(resources.nodes, node('node-1', { ready: false }), 'test', 'status');
    await until(store, 'no ready pod', () => pods().every(({ status }) => status?.conditions?.[0]?.status === 'False'));
    await until(store, 'no ready endpoint', () =>
      slices().every(({ endpoints }) => endpoints?.every(({ conditions }) => conditions?.ready === false)),
    );
  });

  it('gets pods only while it is ready and schedulable', async () => {
    store.update(resources.nodes, node('node-1', { unschedulable: true }), 'test');
    store.create(resources.deployments, deployment('web'), 'test');
    await until(store, 'an unschedulable pod', () => pods()[0]?.status?.conditions?.[0]?.reason === 'Unschedulable');
    store.create(resources.nodes, node('node-2'), 'test');
    const [bound] = await scheduled(1);
    expect(bound?.spec.nodeName).toBe('node-2');
  });

  it('shares pods with the others', async () => {
    store.create(resources.nodes, node('node-2'), 'test');
    store.create(resources.deployments, deployment('web', { replicas: 4 }), 'test');
    const bound = await scheduled(4);
    expect(bound.filter(({ spec }) => spec.nodeName === 'node-2')).toHaveLength(2);
  });
});
