import { describe, expect, it } from 'vitest';
import type { YouzanScheduledJobProps } from '../../../constructs/index.js';
import { objectOf, scheduled, scheduledBundle } from './bundles.js';

const specOf = (patch: Partial<YouzanScheduledJobProps>): unknown =>
  objectOf(scheduledBundle({ ...scheduled, ...patch }), 'CronJob')?.['spec'];

describe('a scheduled job', () => {
  it('runs by the clock of UTC, one run at a time, and not long after its time', () => {
    expect(specOf({})).toMatchObject({
      schedule: '30 3 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 300,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
    });
  });

  it('bounds each run, whose job has the labels too', () => {
    expect(specOf({})).toMatchObject({
      jobTemplate: {
        metadata: { labels: { 'app.kubernetes.io/instance': 'trade-core-settle' } },
        spec: { activeDeadlineSeconds: 3600, backoffLimit: 0 },
      },
    });
    expect(specOf({})).not.toHaveProperty('jobTemplate.spec.ttlSecondsAfterFinished');
  });

  it('runs by another clock, later, and is kept otherwise, as its props say', () => {
    const patch = { timeZone: 'Asia/Shanghai', startingDeadlineSeconds: 60, successfulJobsHistoryLimit: 0 };
    expect(specOf(patch)).toMatchObject(patch);
  });

  it('has a name to which the time of a run can be added', () => {
    const bundle = scheduledBundle({ ...scheduled, name: 'a'.repeat(60) });
    expect(objectOf(bundle, 'CronJob')?.metadata.name).toHaveLength(52);
  });

  it.each<[string, Partial<YouzanScheduledJobProps>, string]>([
    ['no schedule', { schedule: '' }, 'schedule: "" is no schedule'],
    ['a zone that is none', { timeZone: 'Asia/Nowhere' }, 'timeZone: "Asia/Nowhere" is no time zone'],
    [
      'too short a delay',
      { startingDeadlineSeconds: 9 },
      'startingDeadlineSeconds: is 9; allowed: a whole number of at',
    ],
    ['half a run kept', { failedJobsHistoryLimit: 0.5 }, 'failedJobsHistoryLimit: is 0.5; allowed: a whole number'],
    ['what no job may have', { name: 'gray' }, 'name: "gray" would give it the name of another workload'],
  ])('is refused with %s', (_, patch, message) => {
    expect(() => scheduledBundle({ ...scheduled, ...patch })).toThrow(message);
  });

  it('is refused by tsc, which checks this file, with what Kubernetes would have for it', () => {
    // @ts-expect-error two runs at once are never meant
    const twice: YouzanScheduledJobProps = { ...scheduled, concurrencyPolicy: 'Allow' };
    // @ts-expect-error ended runs are counted, not timed
    const timed: YouzanScheduledJobProps = { ...scheduled, ttlSecondsAfterFinished: 60 };
    expect([twice, timed]).toHaveLength(2);
  });
});
