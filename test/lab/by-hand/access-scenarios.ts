// For each permission that a syncer or a release is granted: what it does that needs it, and all that it says meanwhile.
import { expect, vi } from 'vitest';
import { youzanConventions } from '../../../src/conventions/index.js';
import { createYz7Gateway } from '../../../src/gateways/index.js';
import type { SyncLogger } from '../../../src/k8s-sync/index.js';
import { type KubeClient, type KubeObject, resources } from '../../../src/kube/index.js';
import { storedSecret } from '../../../src/release/store/stored-release.js';
import { app, bundle } from '../../release/bundle.js';
import type { Permission } from '../accounts/granted.js';
import type { ReleaseChange, ReleaseWorld } from './release-world.js';
import type { SyncChange, SyncWorld } from './sync-world.js';

const wait = { timeout: 20_000, interval: 50 };
const address = '10.4.0.1';
const leftBehind = '10.4.0.9';
const { labels: keys } = youzanConventions;
const network = 'trade.macvlan';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Runs a syncer until it has said these words, or long enough. */
export async function whatSyncSays(
  world: SyncWorld,
  admin: KubeClient,
  client: KubeClient,
  { verb, resource }: Permission,
  words: string,
): Promise<string> {
  const said: string[] = [];
  const note = (fields: object, message: string): void =>
    void said.push(`${message}: ${'error' in fields ? messageOf(fields.error) : JSON.stringify(fields)}`);
  const logger: SyncLogger = { info: note, warn: note, error: note };
  const needs = `${verb} ${resource}`;
  await world.app.add(address);
  if (needs === 'watch pods') await nameNetwork(world, admin);
  if (needs === 'list pods') await leaveServerBehind(world);
  const { sync } = await world.startSync({ cluster: client, logger });
  if (needs === 'list endpointslices') await sync.plan().catch((error: unknown) => said.push(messageOf(error)));
  if (['get pods', 'get services', 'create events', 'patch events'].includes(needs)) {
    await vi.waitFor(async () => expect(await world.servers()).toEqual([`${address} up`]), wait);
    await world.app.hide(address);
  }
  if (needs === 'patch events') {
    await untilGuardEvent(world, admin);
    const other = '10.4.0.2';
    await world.app.add(other);
    await vi.waitFor(async () => expect(await world.servers()).toEqual([`${other} up`]), wait);
    await world.app.hide(other);
  }
  const heard = (): void => expect(said.join('\n')).toContain(words);
  await vi.waitFor(heard, { timeout: 10_000, interval: 50 }).catch(() => undefined);
  return said.join('\n');
}

/**
 * Does all that a syncer needs its permissions for, one after the other. Who sees one namespace only can't know whether a
 * pod that is not in it is gone.
 */
export async function syncAll(world: SyncWorld, admin: KubeClient, options: SyncChange): Promise<void> {
  const stays = options.allNamespaces === true ? [] : [`${leftBehind} up`];
  await world.app.add(address);
  await leaveServerBehind(world);
  const { sync } = await world.startSync(options);
  await vi.waitFor(async () => expect(await world.servers()).toEqual([`${address} up`, ...stays]), wait);
  const planned = async (): Promise<string[]> =>
    (await sync.plan()).changes.flatMap(({ add, drain, remove }) => [...add, ...drain, ...remove]);
  await vi.waitFor(async () => expect(await planned()).toEqual([]), wait);
  await world.app.hide(address);
  await vi.waitFor(() => expect(sync.metrics().guardTrips['empty']).toBeGreaterThan(1), wait);
  await untilGuardEvent(world, admin);
  await world.app.deleteService();
  await vi.waitFor(async () => expect(await world.servers()).toEqual(stays), wait);
  await nameNetwork(world, admin);
  await world.app.add('10.4.0.2');
}

/** The Service has been told what a guard goes on to hold. */
async function untilGuardEvent({ app: { namespace } }: SyncWorld, admin: KubeClient): Promise<void> {
  const told = async () =>
    (await admin.list(resources.events, { namespace, fieldSelector: 'reason=TrafficGuard' })).items;
  await vi.waitFor(async () => expect(await told()).toHaveLength(1), wait);
}

/** The slices say that the pods are published by their address in a second network. */
async function nameNetwork({ app: { namespace } }: SyncWorld, admin: KubeClient): Promise<void> {
  const labels = { [keys.network]: network };
  await admin.patch(resources.endpointSlices, { namespace, name: 'shop' }, { metadata: { labels } });
}

/** A former syncer's server, of a pod that no slice has and of which the gateway knows the UID only. */
async function leaveServerBehind({ gateway, app: { upstream }, source }: SyncWorld): Promise<void> {
  const { name, idc, adminUrl: url, token } = gateway;
  const former = createYz7Gateway({ name, idc, url, token });
  await former.claim(source, { generation: '1', writer: 'former' });
  const labels = { color: 'gray' };
  const server = { ip: leftBehind, port: 8030, weight: 100, state: 'up', uid: 'long-gone', zone: '', labels } as const;
  await former.putSource({ upstream, source, generation: '2', servers: [server] });
  await former.close();
}

/** What a bundle may hold beside a Service and a workload, by its resource; the autoscalers are of another workload. */
function extraObject(resource: string, namespace: string): KubeObject | undefined {
  const metadata = { name: 'extra', namespace };
  const other = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'other' };
  switch (resource) {
    case 'services':
      return { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 1 }] } };
    case 'poddisruptionbudgets':
      return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec: { maxUnavailable: 1 } };
    case 'cronjobs': {
      const pod = { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }] };
      const spec = { schedule: '@yearly', jobTemplate: { spec: { template: { spec: pod } } } };
      return { apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec };
    }
    case 'horizontalpodautoscalers': {
      const spec = { scaleTargetRef: other, maxReplicas: 2 };
      return { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec };
    }
    case 'verticalpodautoscalers': {
      const spec = { targetRef: other, updatePolicy: { updateMode: 'Off' } };
      return { apiVersion: 'autoscaling.k8s.io/v1', kind: 'VerticalPodAutoscaler', metadata, spec };
    }
    default:
      return undefined;
  }
}

/** One object of each kind that a bundle may hold beside its own. */
export const extraObjects = (namespace: string): KubeObject[] =>
  ['services', 'poddisruptionbudgets', 'cronjobs', 'horizontalpodautoscalers', 'verticalpodautoscalers'].flatMap(
    (resource) => extraObject(resource, namespace) ?? [],
  );

/** Ends at once, again and again. */
const crashing = { command: ['/bin/sh', '-c', 'echo why it ends; exit 3'] };
/** Its hook fails, and its end takes a while. */
const hookFails = {
  lifecycle: {
    postStart: { exec: { command: ['/bin/sh', '-c', 'exit 1'] } },
    preStop: { exec: { command: ['/bin/sh', '-c', 'sleep 8'] } },
  },
};

/** Runs a release, and gives all that it says, its failure included. */
export async function whatReleaseSays(
  world: ReleaseWorld,
  admin: KubeClient,
  client: KubeClient,
  { verb, resource }: Permission,
): Promise<string> {
  const needs = `${verb} ${resource}`;
  const run = async (change: ReleaseChange): Promise<string> => {
    world.told.length = 0;
    const failure = await world.release(client, '2.0.0', change).then(() => '', messageOf);
    return [...world.told, failure].join('\n');
  };
  const extra = extraObject(resource, world.namespace);
  if (extra !== undefined && (verb === 'get' || verb === 'delete')) {
    // What the next release has no more.
    await world.release(admin, '1.0.0', { replicas: 0, more: [extra] });
    return await run({});
  }
  if (extra !== undefined && (verb === 'create' || verb === 'patch')) return await run({ replicas: 0, more: [extra] });
  switch (needs) {
    case 'delete secrets':
      await storeMany(world, admin);
      return await run({ replicas: 0 });
    case 'get pods':
      return await run({ replicas: 1, container: hookFails, graceSeconds: 15, progressDeadlineMs: 4000 });
    case 'list events':
    case 'get pods/log':
      return await run({ replicas: 1, container: crashing, progressDeadlineMs: 5000 });
    default:
      return await run({ replicas: 0, progressDeadlineMs: 2000 });
  }
}

/** As many stored releases as are kept, and a few more. */
async function storeMany({ namespace, cluster }: ReleaseWorld, admin: KubeClient): Promise<void> {
  const target = {
    ...bundle(cluster.name, '0'),
    namespace,
    deployment: app,
    color: 'stable',
    sc: '',
    minReadyMs: 1000,
  };
  for (let revision = 1; revision <= 12; revision += 1) {
    const release = { app, version: `0.0.${revision}`, revision, startedAt: new Date().toISOString() };
    await admin.create(resources.secrets, storedSecret(release, target, youzanConventions));
  }
}
