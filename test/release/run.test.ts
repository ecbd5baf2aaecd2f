import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resources } from '../../src/kube/index.js';
import { awaitPublished } from '../../src/publish/index.js';
import {
  listReleases,
  planRelease,
  ReleaseError,
  type ReleaseResult,
  rollback,
  runRelease,
  type RunReleaseOptions,
  scale,
} from '../../src/release/index.js';
import { app, bundle, type BundleChange, namespace } from './bundle.js';
import { idc, startWorld, type TestWorld } from './world.js';

const policy = { minSuccessTimeMs: 300, progressDeadlineMs: 20_000, publishDeadlineMs: 2000 };
let world: TestWorld;
let told: string[];

beforeEach(async () => {
  told = [];
  world = await startWorld(['bc-a', 'bc-b']);
});
afterEach(() => world.stop());

interface Choice extends BundleChange {
  readonly clusters?: readonly string[];
  readonly progressDeadlineMs?: number;
  readonly run?: Partial<RunReleaseOptions>;
}

function release(
  version: string,
  { clusters = ['bc-a', 'bc-b'], run, progressDeadlineMs, ...change }: Choice = {},
): Promise<ReleaseResult> {
  const bundles = clusters.map((cluster) => bundle(cluster, version, { replicas: 2, ...change }));
  return runRelease({
    plan: planRelease({
      app,
      version,
      bundles,
      policy: { ...policy, ...(progressDeadlineMs && { progressDeadlineMs }) },
    }),
    connections: world.connections,
    gateways: [world.gateway],
    onEvent: ({ message }) => void told.push(message),
    ...run,
  });
}
async function failure(action: Promise<ReleaseResult>): Promise<ReleaseError> {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ReleaseError) return error;
  throw new Error(`no ReleaseError but ${String(error)}`);
}
const [a, b] = [0, 1].map((index) => () => world.clusters[index]!) as [
  () => TestWorld['clusters'][number],
  () => TestWorld['clusters'][number],
];
const client = () => a().client;
async function deployment(): Promise<{ replicas?: number; paused?: boolean }> {
  return (await client().get(resources.deployments, { namespace, name: app }))['spec'] as {
    replicas?: number;
    paused?: boolean;
  };
}
const stored = () => listReleases({ client: client(), namespace, app });

describe('runRelease on a cluster', () => {
  it('goes cluster by cluster, stores what it did, and leaves replicas alone', { timeout: 60_000 }, async () => {
    const first = await release('1.0.0');
    expect(first.clusters.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
    await scale({ client: client(), namespace, name: app, replicas: 1 });
    const ticket = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extra', namespace }, data: { a: 'b' } };
    await release('2.0.0', { clusters: ['bc-a'], more: [ticket] });
    expect(await deployment()).toMatchObject({ replicas: 1 });
    await release('2.0.1', { clusters: ['bc-a'] });
    await expect(client().get(resources.configMaps, { namespace, name: 'extra' })).rejects.toMatchObject({
      code: 'KUBE_NOT_FOUND',
    });
    expect((await stored()).map(({ revision, version, status }) => [revision, version, status])).toEqual([
      [3, '2.0.1', 'succeeded'],
      [2, '2.0.0', 'succeeded'],
      [1, '1.0.0', 'succeeded'],
    ]);
    const order = told.filter((line) => / applied as | is released/.test(line)).slice(0, 4);
    expect(order.map((line) => line.replace(/ as release.*| 1\.0\.0.*/, ''))).toEqual([
      'bc-a: applied',
      'bc-a: trade-core',
      'bc-b: applied',
      'bc-b: trade-core',
    ]);
    const published = await awaitPublished({
      client: client(),
      gateways: [world.gateway],
      idc,
      cluster: 'bc-a',
      namespace,
      app,
      deadlineMs: 5000,
    });
    expect(published.servers).toHaveLength(1);
  });

  it(
    'holds the rollout when the gateway refuses, with the old pods serving; a rollback goes on from there',
    { timeout: 60_000 },
    async () => {
      await release('1.0.0', { clusters: ['bc-a'] });
      const before = a()
        .embedded.pods()
        .map(({ uid }) => uid);
      world.yz7.faults.refuseWrites('k8s.bc.bc-a', 503);
      const error = await failure(release('2.0.0'));
      expect(error.code).toBe('RELEASE_NOT_PUBLISHED');
      const fresh = a()
        .embedded.pods()
        .filter(({ uid }) => !before.includes(uid));
      expect(fresh).toHaveLength(1);
      expect(error.message).toContain(`pod ${fresh[0]!.name} (${fresh[0]!.uid}, ${fresh[0]!.ip}:8030)`);
      expect(error.message).toContain('bc-1');
      expect(
        a()
          .embedded.pods()
          .filter(({ uid, ready }) => before.includes(uid) && ready),
      ).toHaveLength(2);
      expect(await deployment()).toMatchObject({ paused: true });
      expect(b().writes()).toEqual([]);
      expect(error.result.clusters.map(({ outcome }) => outcome)).toEqual(['failed', 'untouched']);
      expect((await stored())[0]).toMatchObject({ version: '2.0.0', status: 'failed' });

      world.yz7.faults.acceptWrites();
      const { connections, gateway } = world;
      await rollback({
        app,
        namespace,
        version: '1.0.0',
        clusters: ['bc-a'],
        connections,
        gateways: [gateway],
        policy,
      });
      expect((await deployment()).paused).not.toBe(true);
      expect(await deployment()).toMatchObject({ replicas: 2 });
      expect(b().writes()).toEqual([]);
      expect((await stored())[0]).toMatchObject({ version: '1.0.0', status: 'succeeded', rollbackOf: 1 });
    },
  );

  it('fails at its deadline with the pod, the hook and its output', { timeout: 60_000 }, async () => {
    await release('1.0.0', { clusters: ['bc-a'] });
    const before = a()
      .embedded.pods()
      .map(({ uid }) => uid);
    const script = 'echo "youzan-hook: postStart: preload failed: got HTTP 503 DOWN; tries: 3"; exit 1';
    const container = { lifecycle: { postStart: { exec: { command: ['/bin/sh', '-c', script] } } } };
    const error = await failure(release('3.0.0', { container, progressDeadlineMs: 2500 }));
    expect(error.code).toBe('RELEASE_PROGRESS_DEADLINE');
    const fresh = a()
      .embedded.pods()
      .find(({ uid }) => !before.includes(uid))!;
    expect(error.message).toContain(fresh.name);
    expect(error.message).toMatch(/postStart hook failed.*preload failed: got HTTP 503 DOWN/);
    expect(b().writes()).toEqual([]);
    expect(
      a()
        .embedded.pods()
        .filter(({ uid, ready }) => before.includes(uid) && ready),
    ).toHaveLength(2);
  });

  it('holds the rollout when it is aborted', { timeout: 60_000 }, async () => {
    await release('1.0.0', { clusters: ['bc-a'] });
    const stop = new AbortController();
    const onEvent = ({ type }: { type: string }): void => {
      if (type === 'applied') stop.abort();
    };
    const error = await failure(release('2.0.0', { run: { signal: stop.signal, onEvent } }));
    expect(error.code).toBe('RELEASE_ABORTED');
    expect(await deployment()).toMatchObject({ paused: true });
    expect(b().writes()).toEqual([]);
  });

  it('fails when another hand changes the template meanwhile', { timeout: 60_000 }, async () => {
    await release('1.0.0', { clusters: ['bc-a'] });
    const change = { spec: { template: { metadata: { annotations: { by: 'hand' } } } } };
    let changed: Promise<unknown> | undefined;
    const onEvent = ({ type }: { type: string }): void => {
      if (type === 'applied') changed = client().patch(resources.deployments, { namespace, name: app }, change);
    };
    const error = await failure(release('2.0.0', { run: { onEvent } }));
    await changed;
    expect(error.code).toBe('RELEASE_SUPERSEDED');
  });

  it('does not touch what another manager owns', { timeout: 60_000 }, async () => {
    await release('1.0.0', { clusters: ['bc-a'] });
    const taken = { spec: { minReadySeconds: 7 } };
    await client().patch(resources.deployments, { namespace, name: app }, taken, { fieldManager: 'hand' });
    const error = await failure(release('2.0.0', { minReadySeconds: 3 }));
    expect(error).toMatchObject({ code: 'RELEASE_APPLY_FAILED' });
    expect(error.message).toMatch(/"hand".*minReadySeconds/s);
  });

  const off: readonly [string, Partial<NonNullable<RunReleaseOptions['rules']>>, () => Promise<void>][] = [
    [
      'no gate: the old pods go',
      { gate: false },
      async () => expect(await deployment()).not.toMatchObject({ paused: true }),
    ],
    [
      'next before publish: bc-b is touched',
      { publishBeforeNext: false },
      () => {
        expect(b().writes()).not.toEqual([]);
        return Promise.resolve();
      },
    ],
  ];
  it.each(off)('sabotaged, %s', { timeout: 60_000 }, async (_, rules, seen) => {
    await release('1.0.0', { clusters: ['bc-a'] });
    world.yz7.faults.refuseWrites('k8s.bc.bc-a', 503);
    await failure(release('2.0.0', { run: { rules } }));
    await seen();
  });
});
