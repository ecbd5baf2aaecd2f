import { describe, expect, test } from 'vitest';
import { resources } from '../../src/kube/index.js';
import { awaitPublished } from '../../src/publish/index.js';
import { diffRelease, planRelease, rollback, type RunReleaseOptions, scale } from '../../src/release/index.js';
import { app, bundle, namespace } from './bundle.js';
import { failure, Lab, policy } from './lab.js';
import { idc } from './world.js';

/** Each test has clusters of its own, so that they can wait at the same time. */
const it = test.extend<{ lab: Lab }>({
  // eslint-disable-next-line no-empty-pattern -- vitest reads the pattern
  lab: async ({}, use) => {
    const lab = await Lab.start();
    await use(lab);
    await lab.world.stop();
  },
});

describe('runRelease on a cluster', () => {
  it.concurrent(
    'goes cluster by cluster, stores what it did, and leaves replicas alone',
    { timeout: 60_000 },
    async ({ lab }) => {
      const first = await lab.release('1.0.0');
      expect(first.clusters.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
      await scale({ client: lab.a.client, namespace, name: app, replicas: 1 });
      const ticket = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extra', namespace }, data: { a: 'b' } };
      await lab.release('2.0.0', { clusters: ['bc-a'], more: [ticket] });
      expect(await lab.deployment()).toMatchObject({ replicas: 1 });
      await lab.release('2.0.1', { clusters: ['bc-a'] });
      await expect(lab.a.client.get(resources.configMaps, { namespace, name: 'extra' })).rejects.toMatchObject({
        code: 'KUBE_NOT_FOUND',
      });
      expect((await lab.stored()).map(({ revision, version, status }) => [revision, version, status])).toEqual([
        [3, '2.0.1', 'succeeded'],
        [2, '2.0.0', 'succeeded'],
        [1, '1.0.0', 'succeeded'],
      ]);
      const order = lab.told.filter((line) => / applied as | is released/.test(line)).slice(0, 4);
      expect(order.map((line) => line.replace(/ as release.*| 1\.0\.0.*/, ''))).toEqual([
        'bc-a: applied',
        'bc-a: trade-core',
        'bc-b: applied',
        'bc-b: trade-core',
      ]);
      const published = await awaitPublished({
        client: lab.a.client,
        gateways: [lab.world.gateway],
        idc,
        cluster: 'bc-a',
        namespace,
        app,
        deadlineMs: 5000,
      });
      expect(published.servers).toHaveLength(1);
    },
  );

  it(
    'holds the rollout when the gateway refuses, with the old pods serving; a rollback goes on from there',
    { timeout: 60_000 },
    async ({ lab }) => {
      await lab.release('1.0.0', { clusters: ['bc-a'] });
      const before = lab.a.embedded.pods().map(({ uid }) => uid);
      lab.world.yz7.faults.refuseWrites('k8s.bc.bc-a', 503);
      const error = await failure(lab.release('2.0.0'));
      expect(error.code).toBe('RELEASE_NOT_PUBLISHED');
      const fresh = lab.a.embedded.pods().filter(({ uid }) => !before.includes(uid));
      expect(fresh).toHaveLength(1);
      expect(error.message).toContain(`pod ${fresh[0]!.name} (${fresh[0]!.uid}, ${fresh[0]!.ip}:8030)`);
      expect(error.message).toContain('bc-1');
      expect(lab.a.embedded.pods().filter(({ uid, ready }) => before.includes(uid) && ready)).toHaveLength(2);
      expect(await lab.deployment()).toMatchObject({ paused: true });
      expect(lab.b.writes()).toEqual([]);
      expect(error.result.clusters.map(({ outcome }) => outcome)).toEqual(['failed', 'untouched']);
      expect((await lab.stored())[0]).toMatchObject({ version: '2.0.0', status: 'failed' });

      lab.world.yz7.faults.acceptWrites();
      const { connections, gateway } = lab.world;
      await rollback({
        app,
        namespace,
        version: '1.0.0',
        clusters: ['bc-a'],
        connections,
        gateways: [gateway],
        policy,
      });
      expect((await lab.deployment()).paused).not.toBe(true);
      expect(await lab.deployment()).toMatchObject({ replicas: 2 });
      expect(lab.b.writes()).toEqual([]);
      expect((await lab.stored())[0]).toMatchObject({ version: '1.0.0', status: 'succeeded', rollbackOf: 1 });
    },
  );

  it.concurrent('fails at its deadline with the pod, the hook and its output', { timeout: 60_000 }, async ({ lab }) => {
    await lab.release('1.0.0', { clusters: ['bc-a'] });
    const before = lab.a.embedded.pods().map(({ uid }) => uid);
    // As the hooks of `renderHooks` do: what a hook only prints, a kubelet keeps for a moment.
    const script =
      'echo "youzan-hook: postStart: preload failed: got HTTP 503 DOWN; tries: 3" >"$YOUZAN_TERMINATION_LOG"; exit 1';
    const container = { lifecycle: { postStart: { exec: { command: ['/bin/sh', '-c', script] } } } };
    const error = await failure(lab.release('3.0.0', { container, progressDeadlineMs: 2500 }));
    expect(error.code).toBe('RELEASE_PROGRESS_DEADLINE');
    const fresh = lab.a.embedded.pods().find(({ uid }) => !before.includes(uid))!;
    expect(error.message).toContain(fresh.name);
    expect(error.message).toMatch(/postStart hook failed.*preload failed: got HTTP 503 DOWN/);
    expect(lab.b.writes()).toEqual([]);
    expect(lab.a.embedded.pods().filter(({ uid, ready }) => before.includes(uid) && ready)).toHaveLength(2);
  });

  it.concurrent('holds the rollout when it is aborted', { timeout: 60_000 }, async ({ lab }) => {
    await lab.release('1.0.0', { clusters: ['bc-a'] });
    const stop = new AbortController();
    const onEvent = ({ type }: { type: string }): void => {
      if (type === 'applied') stop.abort();
    };
    const error = await failure(lab.release('2.0.0', { run: { signal: stop.signal, onEvent } }));
    expect(error.code).toBe('RELEASE_ABORTED');
    expect(await lab.deployment()).toMatchObject({ paused: true });
    expect(lab.b.writes()).toEqual([]);
  });

  it.concurrent('fails when another hand changes the template meanwhile', { timeout: 60_000 }, async ({ lab }) => {
    await lab.release('1.0.0', { clusters: ['bc-a'] });
    const change = { spec: { template: { metadata: { annotations: { by: 'hand' } } } } };
    let changed: Promise<unknown> | undefined;
    const onEvent = ({ type }: { type: string }): void => {
      if (type === 'applied') changed = lab.a.client.patch(resources.deployments, { namespace, name: app }, change);
    };
    const error = await failure(lab.release('2.0.0', { run: { onEvent } }));
    await changed;
    expect(error.code).toBe('RELEASE_SUPERSEDED');
  });

  it.concurrent('shows what it would change without writing', { timeout: 60_000 }, async ({ lab }) => {
    await lab.release('1.0.0', { clusters: ['bc-a'] });
    const before = lab.a.writes().length;
    const bundles = ['bc-a', 'bc-b'].map((cluster) => bundle(cluster, '2.0.0'));
    const plan = planRelease({ app, version: '2.0.0', bundles, policy });
    const differences = await diffRelease(plan, lab.world.connections);
    expect(differences.map(({ cluster, object, change }) => `${cluster} ${object}: ${change}`)).toEqual([
      'bc-a v1 Service trade-core: none',
      'bc-a apps/v1 Deployment trade-core: change',
      'bc-b v1 Service trade-core: create',
      'bc-b apps/v1 Deployment trade-core: create',
    ]);
    expect(differences[1]!.details).toContain('.spec.template.spec.containers');
    await expect(
      lab.a.client.get(resources.secrets, { namespace, name: 'youzan-kube.trade-core.v2' }),
    ).rejects.toThrow();
    expect(lab.a.writes().length - before).toBe(2);
    expect(await lab.stored()).toHaveLength(1);
  });

  it.concurrent('does not touch what another manager owns', { timeout: 60_000 }, async ({ lab }) => {
    await lab.release('1.0.0', { clusters: ['bc-a'] });
    const taken = { spec: { minReadySeconds: 7 } };
    await lab.a.client.patch(resources.deployments, { namespace, name: app }, taken, { fieldManager: 'hand' });
    const error = await failure(lab.release('2.0.0', { minReadySeconds: 5 }));
    expect(error).toMatchObject({ code: 'RELEASE_APPLY_FAILED' });
    expect(error.message).toMatch(/"hand".*minReadySeconds/s);
  });

  const off: readonly [string, Partial<NonNullable<RunReleaseOptions['rules']>>, (lab: Lab) => Promise<void>][] = [
    [
      'no gate: the old pods go',
      { gate: false },
      async (lab) => expect(await lab.deployment()).not.toMatchObject({ paused: true }),
    ],
    [
      'next before publish: bc-b is touched',
      { publishBeforeNext: false },
      (lab) => {
        expect(lab.b.writes()).not.toEqual([]);
        return Promise.resolve();
      },
    ],
  ];
  it.concurrent.for(off)('sabotaged, %s', { timeout: 60_000 }, async ([, rules, seen], { lab }) => {
    await lab.release('1.0.0', { clusters: ['bc-a'] });
    lab.world.yz7.faults.refuseWrites('k8s.bc.bc-a', 503);
    await failure(lab.release('2.0.0', { run: { rules } }));
    await seen(lab);
  });
});
