import { describe, expect, it } from 'vitest';
import type { YouzanJobProps } from '../../../constructs/index.js';
import { base, job, jobBundle, workloadOf } from './bundles.js';

describe('a job', () => {
  it('is tried once, for as long as it may take, and kept for a day', () => {
    expect(workloadOf(jobBundle()).spec).toMatchObject({
      activeDeadlineSeconds: 600,
      backoffLimit: 0,
      ttlSecondsAfterFinished: 86_400,
    });
  });

  it('is tried again and kept as its props say', () => {
    const props: YouzanJobProps = { ...job, backoffLimit: 2, ttlSecondsAfterFinished: 60 };
    expect(workloadOf(jobBundle(props)).spec).toMatchObject({ backoffLimit: 2, ttlSecondsAfterFinished: 60 });
  });

  it('has not failed when a drain has ended its pod, in clusters that know the difference', () => {
    const policy = { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] };
    const of = (kubernetesVersion: string): unknown =>
      workloadOf(jobBundle({ ...job, kubernetesVersion })).spec['podFailurePolicy'];
    expect([of('1.34'), of('1.25')]).toEqual([policy, undefined]);
  });

  it('runs its command after the helpers, or else the entrypoint of the app', () => {
    const commandOf = (props: YouzanJobProps): string =>
      workloadOf(jobBundle(props)).spec.template.spec.containers[0]?.command[2] ?? '';
    const { command: _, ...own } = job;
    expect(_).toBeDefined();
    expect(commandOf(job)).toContain('node migrate.mjs');
    expect(commandOf(job)).not.toContain('examples/demo/app.mjs');
    expect(commandOf(own)).toContain('node examples/demo/app.mjs');
  });

  it.each<[string, Partial<YouzanJobProps>, string]>([
    ['of an app', {}, 'trade-core-migrate'],
    ['that is the app itself', { name: undefined }, 'trade-core'],
    ['of a service chain', { namespace: 'qa-f1', sc: 'f1' }, 'trade-core-migrate-f1'],
  ])('%s has a name of its own', (_, patch, name) => {
    expect(workloadOf(jobBundle({ ...job, ...patch })).metadata.name).toBe(name);
  });

  it('of a service chain tells its pods the chain', () => {
    const { metadata, spec } = workloadOf(jobBundle({ ...job, namespace: 'qa-f1', sc: 'f1' })).spec.template;
    expect(metadata.labels).toMatchObject({ 'youzan.com/sc': 'f1' });
    expect(spec.containers[0]?.env).toContainEqual({ name: 'KDT_X_SERVICE_CHAIN', value: '{"name":"f1"}' });
  });

  it('needs no ports, whatever the hooks of the app would call', () => {
    expect(() => jobBundle({ ...job, spec: { ...job.spec, ports: {} } })).not.toThrow();
  });

  it.each<[string, Partial<YouzanJobProps>, string]>([
    ['a name that is none', { name: 'Migrate' }, 'name: "Migrate" is no DNS label'],
    ['the name of a color', { name: 'gray' }, 'name: "gray" would give it the name of another workload'],
    ['the name of a debug release', { name: 'debug' }, 'name: "debug" would give it the name of another workload'],
    ['no time', { activeDeadlineSeconds: 0 }, 'activeDeadlineSeconds: is 0; allowed: a whole number of at least 1'],
    ['less than no failure', { backoffLimit: -1 }, 'backoffLimit: is -1; allowed: a whole number of at least 0'],
    ['half a second', { ttlSecondsAfterFinished: 0.5 }, 'ttlSecondsAfterFinished: is 0.5; allowed: a whole number'],
    ['an empty command', { command: [] }, 'app.command is empty'],
  ])('is refused with %s', (_, patch, message) => {
    expect(() => jobBundle({ ...job, ...patch })).toThrow(message);
  });

  it('is refused by tsc, which checks this file, without an end, and with what only others have', () => {
    const { activeDeadlineSeconds, ...endless } = job;
    expect(activeDeadlineSeconds).toBe(600);
    // @ts-expect-error a job has a deadline
    const forever: YouzanJobProps = endless;
    // @ts-expect-error a job takes no traffic
    const gray: YouzanJobProps = { ...job, color: 'gray' };
    // @ts-expect-error a job takes no traffic
    const draining: YouzanJobProps = { ...job, drainSeconds: 5 };
    // @ts-expect-error a job has one pod
    const scaled: YouzanJobProps = { ...job, scaling: { min: 1, max: 2, cpu: 50 } };
    // @ts-expect-error a one-off job has no schedule
    const scheduled: YouzanJobProps = { ...base, activeDeadlineSeconds: 1, schedule: '@daily' };
    expect([forever, gray, draining, scaled, scheduled]).toHaveLength(5);
  });
});
