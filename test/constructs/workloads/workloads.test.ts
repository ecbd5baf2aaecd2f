// What holds of every workload, whatever makes its pods.
import { describe, expect, it } from 'vitest';
import { synthApp, validateBundle } from '../../../constructs/index.js';
import { youzanConventions } from '../../../src/conventions/index.js';
import { strictFindings } from '../strict.js';
import {
  allBundles,
  base,
  bundleOf,
  daemon,
  daemonBundle,
  job,
  jobBundle,
  makers,
  scheduled,
  scheduledBundle,
  stateful,
  statefulBundle,
  workloadOf,
} from './bundles.js';

const keys = youzanConventions.labels;
const serving: readonly string[] = ['StatefulSet', 'DaemonSet'];

describe.each(allBundles)('a %s', (kind, bundle) => {
  it('is what the schemas of Kubernetes 1.34 allow, and breaks no rule', () => {
    const { objects } = bundle();
    expect(objects.flatMap(strictFindings)).toEqual([]);
    expect(validateBundle(objects, { kubernetesVersion: '1.34' })).toEqual([]);
  });

  it('has the labels of every workload, on itself and on its pods', () => {
    const { metadata, spec } = workloadOf(bundle());
    const expected = {
      [keys.name]: 'trade-core',
      [keys.instance]: metadata.name,
      [keys.partOf]: 'trade',
      [keys.managedBy]: 'youzan-kube',
      [keys.version]: '1.0.0',
      [keys.app]: 'trade-core',
      [keys.cluster]: 'bc-a',
      [keys.env]: 'prod',
      [keys.idc]: 'bc',
      ...(serving.includes(kind) ? { [keys.color]: 'stable' } : { [keys.component]: 'job' }),
    };
    expect([metadata.labels, spec.template.metadata.labels]).toEqual([expected, expected]);
  });

  it('runs the helpers and the business process in one container', () => {
    const [container] = workloadOf(bundle()).spec.template.spec.containers;
    expect(container?.command.slice(0, 2)).toEqual(['/bin/sh', '-c']);
    expect(container?.command[2]).toContain('examples/demo/log-agent.mjs');
  });

  it('says nowhere how many pods there are', () => {
    expect(JSON.stringify(bundle().objects)).not.toMatch(/"(replicas|parallelism|completions)"/);
  });
});

describe('pods that run to an end', () => {
  it.each([
    ['Job', jobBundle],
    ['CronJob', scheduledBundle],
  ])('of a %s have no hooks and no probes, no ports and no color, and are never restarted', (_, bundle) => {
    const { restartPolicy, containers } = workloadOf(bundle()).spec.template.spec;
    const [{ lifecycle, readinessProbe, env, ...container } = { env: [] }] = containers;
    expect([restartPolicy, lifecycle, readinessProbe]).toEqual(['Never', undefined, undefined]);
    expect(container).not.toHaveProperty('ports', expect.arrayContaining([expect.anything()]));
    expect(env.map(({ name }) => name)).not.toContain('YOUZAN_COLOR');
  });

  it.each([
    ['a Job', jobBundle],
    ['a CronJob', scheduledBundle],
  ])('of %s are matched by no selector of the app', (_, bundle) => {
    const { labels } = workloadOf(bundle()).spec.template.metadata;
    const selectors = [...synthApp(base).objects, ...statefulBundle().objects, ...daemonBundle().objects].flatMap(
      ({ spec }) => {
        const { selector } = spec as { readonly selector?: Readonly<Record<string, unknown>> };
        return selector === undefined ? [] : [selector['matchLabels'] ?? selector];
      },
    );
    expect(selectors.length).toBeGreaterThanOrEqual(6);
    for (const selector of selectors)
      expect(Object.entries(selector).every(([key, value]) => labels[key] === value)).toBe(false);
  });
});

describe('the bytes', () => {
  const reversed = <T extends object>(props: T): T => Object.fromEntries(Object.entries(props).reverse()) as T;

  it('are the same under every name, and in whatever order the props stand', () => {
    const pairs = [
      [bundleOf(makers.StatefulSet, reversed(stateful), 'Other'), statefulBundle()],
      [bundleOf(makers.DaemonSet, reversed(daemon), 'Other'), daemonBundle()],
      [bundleOf(makers.Job, reversed(job), 'Other'), jobBundle()],
      [bundleOf(makers.CronJob, reversed(scheduled), 'Other'), scheduledBundle()],
    ] as const;
    for (const [one, other] of pairs) expect(one.yaml).toBe(other.yaml);
  });

  it('go into a file of the name of what is in it', () => {
    expect(allBundles.map(([, bundle]) => bundle().fileName)).toEqual([
      'trade-core.yaml',
      'trade-core.yaml',
      'trade-core-migrate.yaml',
      'trade-core-settle.yaml',
    ]);
  });
});
