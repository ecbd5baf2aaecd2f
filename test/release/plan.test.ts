import { describe, expect, it } from 'vitest';
import { planRelease, type PlanReleaseInput, type ReleaseBundle } from '../../src/release/index.js';
import { gateGraceMs } from '../../src/release/policy.js';
import { app, bundle } from './bundle.js';

const policy = { progressDeadlineMs: 60_000, publishDeadlineMs: 2000 };
const plan = (change: Partial<PlanReleaseInput> = {}) =>
  planRelease({
    app,
    version: '1.0.0',
    bundles: [bundle('bc-a', '1.0.0'), bundle('bc-b', '1.0.0')],
    policy,
    ...change,
  });
const one = (change: Parameters<typeof bundle>[2]): ReleaseBundle[] => [bundle('bc-a', '1.0.0', change)];

describe('planRelease', () => {
  it('puts the clusters in the order that was asked for, and fills in the policy', () => {
    const { targets, policy: whole } = plan({ order: ['bc-b', 'bc-a'] });
    expect(
      targets.map(({ cluster, deployment, color, sc, minReadyMs }) => [cluster, deployment, color, sc, minReadyMs]),
    ).toEqual([
      ['bc-b', app, 'stable', '', 3000],
      ['bc-a', app, 'stable', '', 3000],
    ]);
    expect(whole).toEqual({
      minSuccessTimeMs: 60_000,
      progressDeadlineMs: 60_000,
      publishDeadlineMs: 2000,
      maxFailures: 0,
      maxConcurrency: 1,
    });
  });

  it("puts every object into the bundle's namespace", () => {
    const [given] = one({});
    const bare = {
      ...given!,
      objects: given!.objects.map((object) => ({ ...object, metadata: { ...object.metadata, namespace: undefined } })),
    };
    const objects = plan({ bundles: [JSON.parse(JSON.stringify(bare)) as ReleaseBundle] }).targets[0]!.objects;
    expect(objects.map(({ metadata }) => metadata.namespace)).toEqual(['default', 'default']);
  });

  it.each([
    ['its own Deployment', app, undefined],
    ['another one', 'other', 3],
  ])('leaves the replicas to an autoscaler of %s', (_, name, replicas) => {
    const autoscaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: app },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name }, minReplicas: 2, maxReplicas: 4 },
    };
    const [target] = plan({ bundles: one({ replicas: 3, more: [autoscaler] }) }).targets;
    expect(target!.replicas).toBe(replicas);
  });

  it('takes what runs by the clock beside the Deployment', () => {
    const scheduled = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'settle' } };
    expect(plan({ bundles: one({ more: [scheduled] }) }).targets[0]?.objects).toHaveLength(3);
  });

  const annotated = (replicas: string): ReleaseBundle[] =>
    one({}).map((made) => ({
      ...made,
      replicas: undefined,
      objects: made.objects.map((object) =>
        object.kind === 'Deployment'
          ? { ...object, metadata: { ...object.metadata, annotations: { 'youzan.com/replicas': replicas } } }
          : object,
      ),
    }));

  it.each<[string, ReleaseBundle[], number | undefined]>([
    ['what its annotation says', annotated('4'), 4],
    ['nothing, when its annotation says so', annotated('0'), 0],
    ["the bundle's own number before its annotation", annotated('4').map((made) => ({ ...made, replicas: 2 })), 2],
  ])('gives a new Deployment %s', (_, bundles, replicas) => {
    expect(plan({ bundles }).targets[0]!.replicas).toBe(replicas);
  });

  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } };
  it.each<[string, Partial<PlanReleaseInput>, RegExp]>([
    ['no bundle', { bundles: [] }, /bundles: there is none/],
    ['two bundles for a cluster', { bundles: [...one({}), ...one({})] }, /two bundles for cluster bc-a/],
    [
      'an order with a stranger',
      { order: ['bc-a', 'bc-b', 'bc-c'] },
      /names bc-c, which has no bundle; there are bc-a, bc-b/,
    ],
    ['an order that lacks a cluster', { order: ['bc-a'] }, /lacks bc-b/],
    [
      'an endless deadline',
      { policy: { progressDeadlineMs: Number.POSITIVE_INFINITY } },
      /progressDeadlineMs: is Infinity; allowed: a finite/,
    ],
    ['a negative soak', { policy: { ...policy, minSuccessTimeMs: -1 } }, /minSuccessTimeMs: is -1/],
    ['replicas in the manifests', { bundles: one({ spec: { replicas: 3 } }) }, /has replicas: .*scale\(\) does/],
    ['paused in the manifests', { bundles: one({ spec: { paused: false } }) }, /has paused/],
    ['an old pod that may go first', { bundles: one({ spec: { strategy } }) }, /maxUnavailable is 1; it must be 0/],
    ['Recreate', { bundles: one({ spec: { strategy: { type: 'Recreate' } } }) }, /strategy Recreate/],
    [
      'too little time to be published',
      { bundles: one({ minReadySeconds: 1 }) },
      /minReadySeconds is 1; it must be at least the publish deadline, 2/,
    ],
    [
      'the same object twice',
      { bundles: one({ more: [bundle('bc-a', '1.0.0').objects[0]!] }) },
      /v1 Service trade-core: stands in the bundle twice/,
    ],
    [
      'a kind for the whole cluster',
      { bundles: one({ more: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }] }) },
      /kind that a bundle may not hold/,
    ],
    ...[
      { apiVersion: 'apps/v1', kind: 'StatefulSet' },
      { apiVersion: 'apps/v1', kind: 'DaemonSet' },
      { apiVersion: 'batch/v1', kind: 'Job' },
    ].map((type): [string, Partial<PlanReleaseInput>, RegExp] => [
      `a ${type.kind}, which it could not hold`,
      { bundles: one({ more: [{ ...type, metadata: { name: 'a' } }] }) },
      new RegExp(`v1 ${type.kind} a: is no part of a release, which gates Deployments: apply it by itself`),
    ]),
    [
      'another namespace',
      { bundles: one({ more: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'x' } }] }) },
      /is in namespace x/,
    ],
    ['another app', { app: 'other' }, /label youzan.com\/app is trade-core; it should be other/],
    ['replicas in words', { bundles: annotated('two') }, /annotation youzan.com\/replicas is "two"/],
    ['half a replica', { bundles: one({ replicas: 0.5 }) }, /replicas: is 0.5/],
  ])('refuses %s', (_, change, message) => {
    expect(() => plan(change)).toThrow(message);
  });

  it('names every finding at once', () => {
    const bundles = one({ minReadySeconds: 0, spec: { replicas: 1 } });
    expect(() => plan({ bundles, order: ['bc-b'] })).toThrow(/4 findings/);
  });
});

describe('gateGraceMs', () => {
  it.each([
    [10_000, 10_000, 7900],
    [3000, 3000, 1500],
    [3000, 60_000, 3000],
    [3000, 0, 500],
  ])(
    'keeps the controller from taking an old pod first: deadline %i ms, minReady %i ms -> %i ms',
    (deadline, minReady, grace) => {
      expect(gateGraceMs(deadline, minReady)).toBe(grace);
    },
  );
});
