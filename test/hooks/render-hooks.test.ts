import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineConventions, youzanConventions } from '../../src/conventions/index.js';
import {
  preStopSeconds,
  renderHooks,
  type HooksSpec,
  type HookStep,
  type RegistryStep,
} from '../../src/hooks/index.js';

const { hooks: defaults } = youzanConventions;
const http: HookStep = { type: 'http', name: 'step', port: 8001, path: '/', deadlineSeconds: 3 };
const script: HookStep = { type: 'script', name: 'step', command: ['true'], deadlineSeconds: 1.2 };
const wait: HookStep = { type: 'wait', name: 'step', seconds: 4 };
const register: RegistryStep = {
  type: 'registry',
  name: 'register',
  registration: { service: 'trade-core', port: 8100 },
  deadlineSeconds: 6,
};
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
    [
      'steps after preload',
      { ...off, preload: { deadlineSeconds: 20, after: [wait, http] } },
      { postStart: 21 + 4 + 4, preStop: 0 },
    ],
    [
      'a script that is tried again: the last try',
      { ...off, preload: { deadlineSeconds: 20, after: [{ ...script, retries: 1 }] } },
      { postStart: 21 + 2 + 1, preStop: 0 },
    ],
    [
      'steps before stop',
      { ...off, stop: { deadlineSeconds: 7, before: [script, wait] } },
      { postStart: 0, preStop: 2 + 4 + 7 },
    ],
    [
      'a registration: made after online, taken back at offline',
      { ...off, online: { deadlineSeconds: 4, after: [register] } },
      { postStart: 5 + 7, preStop: 7 },
    ],
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

describe('the parts of preStop', () => {
  it('add up to its budget, each in whole seconds', () => {
    const spec: HooksSpec = {
      online: { after: [register] },
      offline: { deadlineSeconds: 4.5, before: [script] },
      drainSeconds: 2.5,
      stop: { deadlineSeconds: 7.5, before: [wait] },
    };
    expect(preStopSeconds(spec)).toEqual({ offline: Math.ceil(7 + 2 + 5.5), drain: 3, stop: Math.ceil(4 + 7.5) });
    expect(renderHooks(spec).budgetSeconds.preStop).toBe(15 + 3 + 12);
  });
});

describe('registrations', () => {
  const twice: HooksSpec = {
    online: {
      after: [register, http, { ...register, registration: { service: 'trade-admin', port: 8101 }, onFailure: 'warn' }],
    },
    offline: { before: [script] },
  };
  const { agents, postStart, preStop, offline } = renderHooks(twice);
  const steps = (text = ''): string[] =>
    text
      .split('\n')
      .filter((line) => /^(_try|_script|_registry|_http) [a-z0-9]/.test(line))
      .map((line) => line.split(' ').slice(0, 4).join(' '));

  it('have an agent each, and none without', () => {
    expect(agents.map(({ name }) => name)).toEqual(['registry-agent', 'registry-agent-2']);
    expect(renderHooks().agents).toEqual([]);
  });

  it('are made in the order of the steps, after the switch', () => {
    expect(steps(postStart)).toEqual([
      '_try preload 8001 /health',
      "_try online 8030 '/_HB_.php?service=online'",
      '_registry register registry-agent 1',
      '_try step 8001 /',
      '_registry register registry-agent-2 1',
    ]);
  });

  it('are taken back first of all at offline, and after a crash', () => {
    const unregister = ['_registry register registry-agent 3', '_registry register registry-agent-2 3'];
    expect(steps(preStop).slice(0, 3)).toEqual([...unregister, expect.stringContaining('_script step')]);
    expect(steps(offline?.script).slice(0, 3)).toEqual([...unregister, expect.stringContaining('_script step')]);
  });

  it('are taken back by an app that has no switch, too', () => {
    const { preStop: without, offline: crash } = renderHooks({ ...twice, offline: false });
    expect(steps(without)).toHaveLength(2);
    expect(steps(crash?.script)).toHaveLength(2);
  });

  it('fail their hook or only warn', () => {
    expect(postStart).toMatch(/^_registry register registry-agent 1 600 \|\| exit 1$/m);
    expect(postStart).toMatch(/^_registry register registry-agent-2 1 600 \|\| : /m);
    expect(preStop).toMatch(/^_registry register registry-agent 3 600 \|\| _bad=1$/m);
  });

  it("have the conventions' weight and variables", () => {
    const conventions = defineConventions({ serverWeight: 7, variables: { podIp: 'MY_IP', idc: 'MY_IDC' } });
    const [agent] = renderHooks({ online: { after: [register] } }, conventions).agents;
    expect(agent?.command).toEqual({
      shell: expect.stringMatching(/^_value\(\) .*\$\{MY_IDC:-\}.*\$\{MY_IP:\?\}.*"Weight":7/m) as unknown,
    });
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

describe('the size of the scripts', () => {
  const bytes = (text: string | undefined): number => Buffer.byteLength(text ?? '');
  it('stays small', () => {
    const plain = renderHooks();
    const full = renderHooks({ online: { after: [register, script, { ...http, method: 'POST' }] } });
    expect([plain.postStart, plain.preStop, plain.offline?.script].map(bytes)).toEqual([
      expect.toSatisfy((size: number) => size < 6000),
      expect.toSatisfy((size: number) => size < 6500),
      expect.toSatisfy((size: number) => size < 5000),
    ]);
    expect(bytes(full.postStart)).toBeLessThan(11_000);
    const [agent] = full.agents;
    expect(bytes(agent && 'shell' in agent.command ? agent.command.shell : '')).toBeLessThan(6500);
  });
});

it('the same hooks give the same scripts', () => {
  const spec: HooksSpec = { online: { after: [script] }, drainSeconds: 1 };
  expect(renderHooks(spec)).toEqual(renderHooks(spec));
});
