import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Scheduling, synthApp, type YouzanAppProps } from '../../constructs/index.js';
import { defineConventions } from '../../src/conventions/index.js';
import { deploymentOf } from './objects.js';
import { debugged, demoSpec, propsOf } from './specs.js';

interface PodSpec {
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution: { readonly nodeSelectorTerms: readonly object[] };
    };
    readonly podAntiAffinity?: { readonly preferredDuringSchedulingIgnoredDuringExecution: readonly object[] };
  };
  readonly topologySpreadConstraints?: readonly object[];
  readonly tolerations?: readonly object[];
  readonly priorityClassName?: string;
}
const podOf = (props: YouzanAppProps): PodSpec => deploymentOf(props).spec.template.spec as PodSpec;
const scheduled = (scheduling: Scheduling, more: object = {}): PodSpec =>
  podOf({ ...propsOf(demoSpec), ...more, scheduling });
const termsOf = (pod: PodSpec): readonly object[] =>
  pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms ?? [];
const apartOf = (pod: PodSpec): readonly object[] =>
  pod.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];

const selector = { 'youzan.com/app': 'trade-core', 'youzan.com/color': 'stable' };
const overNodes = {
  maxSkew: 1,
  topologyKey: 'kubernetes.io/hostname',
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: selector },
  matchLabelKeys: ['pod-template-hash'],
  nodeTaintsPolicy: 'Honor',
};
const fromOwnZone = {
  weight: 100,
  podAffinityTerm: { topologyKey: 'topology.kubernetes.io/zone', labelSelector: { matchLabels: selector } },
};
const fromOtherColors = {
  weight: 50,
  podAffinityTerm: {
    topologyKey: 'kubernetes.io/hostname',
    labelSelector: {
      matchLabels: { 'youzan.com/app': 'trade-core' },
      matchExpressions: [{ key: 'youzan.com/color', operator: 'In', values: ['gray', 'blue', 'green'] }],
    },
  },
};

describe('the nodes of an app', () => {
  it('must have all labels that are asked for, and of a list of values one', () => {
    const pod = scheduled({ nodes: { 'youzan.com/disk': ['ssd', 'nvme'], 'kubernetes.io/arch': 'amd64' } });
    expect(termsOf(pod)).toEqual([
      {
        matchExpressions: [
          { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] },
          { key: 'youzan.com/disk', operator: 'In', values: ['nvme', 'ssd'] },
        ],
      },
    ]);
  });

  it('are never one set of labels or another', () => {
    const key = fc.stringMatching(/^[a-z]{1,8}$/);
    const nodes = fc.dictionary(key, fc.oneof(key, fc.array(key, { minLength: 1, maxLength: 3 })), { minKeys: 1 });
    fc.assert(
      fc.property(nodes, fc.array(key, { maxLength: 2 }), (wanted, pools) => {
        const terms = termsOf(scheduled({ nodes: wanted, pools }));
        const count = Object.keys(wanted).length + (pools.length > 0 ? 1 : 0);
        expect(terms).toEqual([{ matchExpressions: expect.objectContaining({ length: count }) as unknown }]);
      }),
      { numRuns: 40 },
    );
  });

  it('are those of its pools, whose taint it tolerates', () => {
    const pod = scheduled({ pools: ['burst', 'base', 'burst'] });
    expect(termsOf(pod)).toEqual([
      { matchExpressions: [{ key: 'youzan.com/pool', operator: 'In', values: ['base', 'burst'] }] },
    ]);
    expect(pod.tolerations).toEqual([
      { key: 'youzan.com/pool', operator: 'Equal', value: 'base' },
      { key: 'youzan.com/pool', operator: 'Equal', value: 'burst' },
    ]);
  });

  it('are pools by the key of the company', () => {
    const conventions = defineConventions({ labels: { pool: 'example.com/dedicated' } });
    expect(scheduled({ pools: ['a'] }, { conventions }).tolerations).toMatchObject([{ key: 'example.com/dedicated' }]);
  });

  it('are any without a taint, when nothing is said', () => {
    const { tolerations, priorityClassName, ...pod } = podOf(propsOf(demoSpec));
    expect([termsOf(pod), tolerations, priorityClassName]).toEqual([[], undefined, undefined]);
  });

  it('are the same bytes whatever the order in which they are said', () => {
    const props = propsOf(demoSpec);
    const one = synthApp({ ...props, scheduling: { nodes: { a: ['x', 'y'], b: 'z' }, pools: ['p', 'q'] } });
    const other = synthApp({ ...props, scheduling: { pools: ['q', 'p'], nodes: { b: 'z', a: ['y', 'x'] } } });
    expect(one.yaml).toBe(other.yaml);
  });
});

describe('the pods of an app', () => {
  it('are spread over nodes and zones, away from other colors, when nothing is said', () => {
    const pod = podOf(propsOf(demoSpec));
    expect([pod.topologySpreadConstraints, apartOf(pod)]).toEqual([[overNodes], [fromOwnZone, fromOtherColors]]);
  });

  it.each<[string, Scheduling, readonly object[], readonly object[]]>([
    ['not over nodes', { spread: { nodes: false } }, [], [fromOwnZone, fromOtherColors]],
    ['not over zones', { spread: { zones: false } }, [overNodes], [fromOtherColors]],
    [
      'strictly over nodes',
      { spread: { nodes: 'required' } },
      [{ ...overNodes, whenUnsatisfiable: 'DoNotSchedule' }],
      [fromOwnZone, fromOtherColors],
    ],
    [
      'strictly over zones',
      { spread: { zones: 'required' } },
      [overNodes, { ...overNodes, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' }],
      [fromOtherColors],
    ],
    ['beside other colors', { colorsApart: false }, [overNodes], [fromOwnZone]],
  ])('can be %s', (_, scheduling, constraints, apart) => {
    const pod = scheduled(scheduling);
    expect([pod.topologySpreadConstraints ?? [], apartOf(pod)]).toEqual([constraints, apart]);
  });

  it('can be left to the scheduler alone', () => {
    const pod = scheduled({ spread: { nodes: false, zones: false }, colorsApart: false });
    expect([pod.affinity, pod.topologySpreadConstraints]).toEqual([undefined, undefined]);
  });

  it('keep away from every color but their own', () => {
    expect(apartOf(podOf({ ...propsOf(demoSpec), color: 'gray' }))).toMatchObject([
      {},
      {
        podAffinityTerm: {
          labelSelector: { matchExpressions: [{ operator: 'In', values: ['stable', 'blue', 'green'] }] },
        },
      },
    ]);
  });

  it.each([
    ['1.26', false],
    ['1.27', true],
    ['1.34', true],
    [undefined, true],
  ])('are counted for each revision alone in a cluster of %s: %s', (kubernetesVersion, known) => {
    const [constraint] = podOf({ ...propsOf(demoSpec), kubernetesVersion }).topologySpreadConstraints ?? [];
    expect(Object.keys(constraint ?? {}).includes('matchLabelKeys')).toBe(known);
  });

  it('of a debug release are spread over nothing, and stand on the nodes that the app needs', () => {
    const props = debugged(propsOf(demoSpec));
    expect(podOf(props)).not.toHaveProperty('affinity');
    const pod = podOf({ ...props, scheduling: { pools: ['burst'], priorityClass: 'low' } });
    expect(Object.keys(pod.affinity ?? {})).toEqual(['nodeAffinity']);
    expect([pod.topologySpreadConstraints, pod.tolerations?.length, pod.priorityClassName]).toEqual([
      undefined,
      1,
      'low',
    ]);
  });

  it('have the priority that is asked for', () => {
    expect(scheduled({ priorityClass: 'youzan-core' }).priorityClassName).toBe('youzan-core');
  });
});

describe('scheduling that is refused', () => {
  it.each<[string, Scheduling, string]>([
    ['a label key', { nodes: { 'a b': 'c' } }, 'scheduling.nodes: "a b" is no label key'],
    ['a label value', { nodes: { a: ['b', 'c d'] } }, 'scheduling.nodes.a: "c d" is no label value'],
    ['no value', { nodes: { a: [] } }, 'scheduling.nodes.a: has no values, so that no node fits'],
    [
      "a pool's label",
      { nodes: { 'youzan.com/pool': 'burst' } },
      'scheduling.nodes.youzan.com/pool: is the label of pools: name them in scheduling.pools',
    ],
    ['a pool', { pools: [''] }, `scheduling.pools: "" is no name of a pool: it must be a label's value`],
    ['a priority class', { priorityClass: 'High' }, 'scheduling.priorityClass: "High" is no name of a PriorityClass'],
  ])('by %s', (_, scheduling, finding) => {
    expect(() => synthApp({ ...propsOf(demoSpec), scheduling })).toThrow(`bc-a/trade-core.${finding}`);
  });
});
