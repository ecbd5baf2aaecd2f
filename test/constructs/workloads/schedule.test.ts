import { describe, expect, it } from 'vitest';
import { scheduleFinding, timeZoneFinding } from '../../../constructs/workloads/schedule.js';

describe('a schedule', () => {
  it.each([
    '30 3 * * *',
    '*/5 * * * *',
    '0 0 1 1 *',
    '0,30 8-18 * * mon-fri',
    '15 2 ? * SUN',
    '0 4 1,15 JAN-jun/2 *',
    '59 23 31 12 6',
    '5/15 * * * *',
    '@daily',
    '@hourly',
  ])('may be %s', (schedule) => {
    expect(scheduleFinding(schedule)).toEqual([]);
  });

  it.each([
    ['* * * *', 'is no schedule: five fields such as 30 3 * * *, or one of @yearly'],
    ['0 0 3 * * *', 'is no schedule'],
    ['@every 5m', 'is no schedule'],
    ['CRON_TZ=UTC 0 3 * * *', 'is no schedule'],
    ['60 * * * *', 'its minute must be numbers from 0 to 59'],
    ['* 24 * * *', 'its hour must be'],
    ['* * 0 * *', 'its day of month must be numbers from 1 to 31'],
    ['* * * 13 *', 'its month must be'],
    ['* * * * 7', 'its day of week must be numbers from 0 to 6'],
    ['* * * * someday', 'its day of week must be'],
    ['5-1 * * * *', 'its minute must be'],
    ['1-99 * * * *', 'its minute must be'],
    ['1-2-3 * * * *', 'its minute must be'],
    ['*/0 * * * *', 'its minute must be'],
    ['*/2/3 * * * *', 'its minute must be'],
    ['1, * * * *', 'its minute must be'],
    ['-1 * * * *', 'its minute must be'],
  ])('may not be %s', (schedule, message) => {
    expect(scheduleFinding(schedule)).toMatchObject([
      { path: 'schedule', message: expect.stringContaining(message) as string },
    ]);
  });

  it('has a finding for each field that is wrong', () => {
    expect(scheduleFinding('60 24 * * *')).toHaveLength(2);
  });
});

describe('a time zone', () => {
  it.each(['Etc/UTC', 'UTC', 'Asia/Shanghai', 'America/Port-au-Prince', 'America/Argentina/Buenos_Aires', 'Etc/GMT+8'])(
    'may be %s',
    (timeZone) => {
      expect(timeZoneFinding(timeZone)).toEqual([]);
    },
  );

  it.each(['', 'Local', '+08:00', 'asia/shanghai', 'Asia/Nowhere', '../etc/passwd'])('may not be "%s"', (timeZone) => {
    expect(timeZoneFinding(timeZone)).toHaveLength(1);
  });
});
