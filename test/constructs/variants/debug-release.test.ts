import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { synthApp, type YouzanAppProps } from '../../../constructs/index.js';
import { isYouzanKubeError, youzanConventions } from '../../../src/conventions/index.js';
import { anyServing } from '../arbitrary.js';
import { containerOf, deploymentOf } from '../objects.js';
import { debugged, demoSpec, propsOf } from '../specs.js';

const { spec, image, version, cluster, idc, env, namespace } = propsOf(demoSpec);
const base = { spec, image, version, cluster, idc, env, namespace };
const jobOf = (props: YouzanAppProps): object => deploymentOf(props).spec;
type Labels = Readonly<Record<string, string>>;

/** All maps of labels by which some object selects pods. */
function selectorsOf(value: unknown, key = ''): Labels[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = key === 'matchLabels' || (key === 'selector' && !('matchLabels' in value)) ? [value as Labels] : [];
  return [...own, ...Object.entries(value).flatMap(([inner, one]) => selectorsOf(one, inner))];
}

describe('a debug release', () => {
  it('is one Job, which ends by itself after four hours', () => {
    const { objects } = synthApp({ ...base, debug: true });
    expect(objects.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([['Job', 'trade-core-debug']]);
    expect(objects[0]?.['spec']).toMatchObject({ activeDeadlineSeconds: 14_400, ttlSecondsAfterFinished: 600 });
  });

  it('ends when its props say', () => {
    expect(jobOf({ ...base, debug: { expiresAfterSeconds: 60 } })).toMatchObject({ activeDeadlineSeconds: 60 });
  });

  it('starts a container that was killed again, in the pod that a person looks at', () => {
    expect(jobOf({ ...base, debug: true })).toMatchObject({ template: { spec: { restartPolicy: 'OnFailure' } } });
  });

  it.each<[string, YouzanAppProps, boolean]>([
    ['is held by default', { ...base, debug: true }, true],
    ['is held where only its time is said', { ...base, debug: { expiresAfterSeconds: 60 } }, true],
    ['is held', { ...base, debug: { main: 'held' } }, true],
    ['starts by choice', { ...base, debug: { main: 'started' } }, false],
  ])('has a business process that %s', (_, props, held) => {
    const [, , entrypoint = ''] = containerOf(props).command;
    expect(entrypoint.includes('is held')).toBe(held);
    expect(entrypoint).toContain('examples/demo/app.mjs');
    expect(entrypoint).toContain('examples/demo/log-agent.mjs');
  });

  it('is the same bytes for `true` and for its defaults', () => {
    const defaults = { expiresAfterSeconds: 14_400, main: 'held' } as const;
    expect(synthApp({ ...base, debug: defaults }).yaml).toBe(synthApp({ ...base, debug: true }).yaml);
  });

  it('has labels that no selector of its app matches, whatever the color', () => {
    fc.assert(
      fc.property(anyServing(), (props) => {
        const { labels } = deploymentOf(debugged(props)).spec.template.metadata;
        const all = synthApp({ ...props, scaling: { min: 1, max: 2, memory: '1Gi' } }).objects.flatMap((object) =>
          selectorsOf(object),
        );
        const byApp = all.filter((selector) => selector[youzanConventions.labels.app] === props.spec.name);
        expect(byApp.length).toBeGreaterThanOrEqual(3);
        // A term of an affinity that names the app alone has the colors in an expression.
        for (const selector of byApp.filter((one) => Object.keys(one).length > 1))
          expect(Object.entries(selector).every(([key, value]) => labels[key] === value)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it.each<[string, unknown, string]>([
    ['no time', { expiresAfterSeconds: 0 }, 'debug.expiresAfterSeconds: 0 is out of range: a whole number of seconds'],
    ['half a second', { expiresAfterSeconds: 0.5 }, 'debug.expiresAfterSeconds: 0.5 is out of range'],
    [
      'more than a week',
      { expiresAfterSeconds: 604_801 },
      '604801 is out of range: a whole number of seconds from 1 to',
    ],
    ['another way to start', { main: 'waiting' }, 'debug.main: "waiting" is neither held nor started'],
  ])('is refused with %s', (_, debug, message) => {
    const untyped: object = { ...base, debug };
    expect(() => synthApp(untyped as YouzanAppProps)).toThrow(message);
  });

  it('has its findings together with those of the app', () => {
    try {
      synthApp({ ...base, version: '', debug: { expiresAfterSeconds: -1 } });
      expect.unreachable('the props were taken');
    } catch (error) {
      if (!isYouzanKubeError(error)) throw error;
      expect(error.findings).toHaveLength(2);
    }
  });
});

describe('what the compiler refuses of a debug release', () => {
  it('is refused by tsc, which checks this file', () => {
    // @ts-expect-error it takes no traffic that a color could divide
    const colored: YouzanAppProps = { ...base, debug: {}, color: 'gray' };
    // @ts-expect-error it is in no service chain
    const chained: YouzanAppProps = { ...base, debug: {}, sc: 'f1' };
    // @ts-expect-error it has one pod
    const scaled: YouzanAppProps = { ...base, debug: {}, scaling: { min: 1, max: 2, cpu: 60 } };
    // @ts-expect-error it keeps its requests
    const resized: YouzanAppProps = { ...base, debug: {}, verticalScaling: { mode: 'recommend' } };
    // @ts-expect-error its pod is no loss
    const budgeted: YouzanAppProps = { ...base, debug: {}, disruptionBudget: { maxUnavailable: 1 } };
    // @ts-expect-error it never drains
    const draining: YouzanAppProps = { ...base, debug: {}, drainSeconds: 1 };
    // @ts-expect-error it is held or started
    const waiting: YouzanAppProps = { ...base, debug: { main: 'waiting' } };
    // @ts-expect-error what does not exist cannot be set
    const endless: YouzanAppProps = { ...base, debug: { expires: false } };
    expect([colored, chained, scaled, resized, budgeted, draining, waiting, endless]).toHaveLength(8);
  });
});
