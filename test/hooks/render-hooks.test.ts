import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineConventions, youzanConventions } from '../../src/conventions/index.js';
import { renderHooks, type HooksSpec, type HookStep } from '../../src/hooks/index.js';

const { hooks: defaults } = youzanConventions;
const http: HookStep = { type: 'http', name: 'step', port: 8001, path: '/', deadlineSeconds: 3 };
const script: HookStep = { type: 'script', name: 'step', command: ['true'], deadlineSeconds: 1.2 };
const off: HooksSpec = { preload: false, online: false, offline: false, drainSeconds: 0, stop: false };

describe('the budget of a hook', () => {
  it.each<[string, HooksSpec, { postStart: number; preStop: number }]>([
    ['nothing', off, { postStart: 0, preStop: 0 }],
    [
      'preload: its deadline and the last try',
      { ...off, preload: { deadlineSeconds: 20 } },
      { postStart: 21, preStop: 0 },
    ],
    ['online', { ...off, online: { deadlineSeconds: 4 } }, { postStart: 5, preStop: 0 }],
    [
      'steps after online, a script in whole seconds',
      { ...off, online: { deadlineSeconds: 4, after: [http, script] } },
      { postStart: 5 + 4 + 2, preStop: 0 },
    ],
    ['offline', { ...off, offline: { deadlineSeconds: 4 } }, { postStart: 0, preStop: 5 }],
    [
      'steps before offline',
      { ...off, offline: { deadlineSeconds: 4, before: [script, http] } },
      { postStart: 0, preStop: 2 + 4 + 5 },
    ],
    ['the drain, rounded up', { ...off, drainSeconds: 2.5 }, { postStart: 0, preStop: 3 }],
    ['stop', { ...off, stop: { deadlineSeconds: 7 } }, { postStart: 0, preStop: 7 }],
  ])('of %s', (_, spec, budget) => {
    expect(renderHooks(spec).budgetSeconds).toEqual(budget);
  });

  it("is the conventions' without a word of the app's", () => {
    const { preload, online, offline, drainSeconds, stop } = defaults;
    expect(renderHooks().budgetSeconds).toEqual({
      postStart: preload.deadlineSeconds + 1 + online.deadlineSeconds + 1,
      preStop: offline.deadlineSeconds + 1 + drainSeconds + stop.deadlineSeconds,
    });
  });

  it('is never shorter than the parts of the hook', () => {
    const seconds = fc.double({ min: 0.01, max: 3600, noNaN: true });
    fc.assert(
      fc.property(seconds, seconds, fc.array(seconds, { maxLength: 4 }), (offline, drain, before) => {
        const steps = before.map((deadlineSeconds, at): HookStep => ({
          ...(at % 2 === 0 ? http : script),
          deadlineSeconds,
        }));
        const { budgetSeconds } = renderHooks({
          ...off,
          offline: { deadlineSeconds: offline, before: steps },
          drainSeconds: drain,
        });
        expect(budgetSeconds.preStop).toBeGreaterThanOrEqual(before.reduce((sum, one) => sum + one, offline + drain));
        expect(Number.isInteger(budgetSeconds.preStop)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a hook that is left out', () => {
  it('makes no postStart without preload and online', () => {
    expect(renderHooks({ preload: false, online: false }).postStart).toBeUndefined();
    expect(renderHooks({ preload: false }).postStart).toBeDefined();
    expect(renderHooks({ online: false }).postStart).toBeDefined();
  });

  it('makes no script for a crash without offline', () => {
    expect(renderHooks({ offline: false }).offline).toBeUndefined();
  });

  it('leaves the rest as it is', () => {
    expect(renderHooks({ online: false }).preStop).toBe(renderHooks().preStop);
    expect(renderHooks({ offline: false }).postStart).toBe(renderHooks().postStart);
  });
});

describe('the script for a crash', () => {
  it('asks the switch once, in two seconds, since the app is gone most likely', () => {
    expect(renderHooks({ offline: { deadlineSeconds: 60 } }).offline?.deadlineSeconds).toBe(2);
  });

  it('has time for the steps before offline', () => {
    expect(renderHooks({ offline: { before: [script, http] } }).offline?.deadlineSeconds).toBe(2 + 4 + 2);
  });
});

describe("a company's conventions", () => {
  it('give ports, paths, queries and times', () => {
    const conventions = defineConventions({
      ports: { http: 8080, manage: 8081 },
      hooks: {
        health: { path: '/healthz', expect: 'READY' },
        switch: { path: '/switch' },
        onlineQuery: 'on',
        offlineQuery: 'off',
        preload: { deadlineSeconds: 30 },
        drainSeconds: 9,
      },
    });
    const { postStart, preStop, offline, budgetSeconds } = renderHooks({}, conventions);
    expect(postStart).toContain("_try preload 8081 /healthz '=READY' 60 100 3000");
    expect(postStart).toContain("_try online 8080 '/switch?on' 200 ");
    expect(preStop).toContain("_try offline 8080 '/switch?off' 200 ");
    expect(preStop).toContain('sleep 9\n');
    expect(offline?.script).toContain("_http 8080 '/switch?off' 2");
    expect(budgetSeconds.postStart).toBe(30 + 1 + 10 + 1);
  });

  it("give way to the app's own words", () => {
    const { postStart } = renderHooks({
      preload: { port: 1, path: '/w', expect: 'WARM', tries: 2, intervalSeconds: 0.25, deadlineSeconds: 4 },
      online: { port: 2, path: '/on', deadlineSeconds: 3 },
    });
    expect(postStart).toContain("_try preload 1 /w '=WARM' 2 25 400");
    expect(postStart).toContain('_try online 2 /on 200 1000000 50 300');
  });
});

it('the same hooks give the same scripts', () => {
  const spec: HooksSpec = { online: { after: [script] }, drainSeconds: 1 };
  expect(renderHooks(spec)).toEqual(renderHooks(spec));
});
