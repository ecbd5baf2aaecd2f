import { describe, expect, it } from 'vitest';
import { createAddressPool, randomSubnet } from '../../../../src/testing/cluster/kubelet/addresses.js';
import { createRestartBackoff } from '../../../../src/testing/cluster/kubelet/backoff.js';
import { expand, podEnvironment } from '../../../../src/testing/cluster/kubelet/environment.js';
import { refusalOf } from '../../../../src/testing/cluster/kubelet/modelled.js';
import { countProbe, noProbeYet } from '../../../../src/testing/cluster/kubelet/probe.js';
import { pod } from '../objects.js';

const container = { name: 'app', image: 'app', command: ['app'] };
const place = {
  clusterId: 'c',
  workdir: '/',
  ip: '127.1.2.3',
  hostIp: '127.1.2.1',
  folder: '/f',
  stateFolder: '/f/state',
  logFile: '/f/log',
  terminationLog: '/f/termination-log',
};

describe('addresses', () => {
  it('are of a /24 that is never 127.0.x', () => {
    expect([randomSubnet(() => 0), randomSubnet(() => 0.999)]).toEqual(['127.1.1', '127.254.254']);
  });

  it('are not used again while others are free', () => {
    const pool = createAddressPool('127.5.6');
    const first = pool.take()!;
    pool.giveBack(first);
    const others = Array.from({ length: 252 }, () => pool.take());
    expect(first).toBe('127.5.6.2');
    expect(others).not.toContain(first);
    expect([pool.take(), pool.take()]).toEqual([first, undefined]);
  });
});

describe('createRestartBackoff', () => {
  it('starts again at once, then after the base, doubling up to five minutes', () => {
    const backoff = createRestartBackoff(10_000);
    const waits = Array.from({ length: 8 }, () => backoff.next(100));
    expect(waits).toEqual([0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  it('forgets after ten minutes of running', () => {
    const backoff = createRestartBackoff(10_000);
    backoff.next(1);
    backoff.next(1);
    expect(backoff.next(600_000)).toBe(0);
  });
});

describe('expand', () => {
  it.each([
    ['$(A)-$(B)', '1-$(B)'],
    ['$$(A) $A', '$(A) $A'],
    ['$(A)$(A)', '11'],
  ])('%s is %s', (text, expected) => {
    expect(expand(text, { A: '1' })).toBe(expected);
  });
});

describe('podEnvironment', () => {
  it("has the container's variables, the pod's fields and its places", () => {
    const field = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } });
    const env = [
      { name: 'A', value: 'a' },
      { name: 'B', value: '$(A)b$(EXTRA)' },
      field('POD_UID', 'metadata.uid'),
      field('POD_IP', 'status.podIP'),
      field('NODE', 'spec.nodeName'),
      field('APP', "metadata.labels['app']"),
    ];
    const one = pod('web-1', { spec: { containers: [{ ...container, env: env as { name: string }[] }] } });
    expect(podEnvironment(one, place, { EXTRA: 'x', YOUZAN_HOST: 'no' })).toMatchObject({
      A: 'a',
      B: 'abx',
      POD_UID: 'uid-web-1',
      POD_IP: '127.1.2.3',
      NODE: 'node-1',
      APP: 'web',
      EXTRA: 'x',
      PATH: process.env.PATH,
      LISTEN_HOST: '127.1.2.3',
      YOUZAN_HOST: '127.1.2.3',
      YOUZAN_STATE_DIR: '/f/state',
      YOUZAN_STDOUT: '/f/log',
      YOUZAN_TERMINATION_LOG: '/f/termination-log',
      YOUZAN_POD_UID: 'uid-web-1',
    });
  });
});

describe('refusalOf', () => {
  it.each([
    ['2 containers', { containers: [container, container] }],
    ['init containers', { initContainers: [container] }],
    ['volumes', { volumes: [{ name: 'v', emptyDir: {} }] }],
    ['`command`', { containers: [{ name: 'app', image: 'app' }] }],
    [
      'env TOKEN',
      {
        containers: [{ ...container, env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }],
      },
    ],
    ['hooks other than exec', { containers: [{ ...container, lifecycle: { preStop: { httpGet: { port: 80 } } } }] }],
    ['gRPC', { containers: [{ ...container, readinessProbe: { grpc: { port: 80 } } }] }],
  ])('names %s', (what, spec) => {
    expect(refusalOf(pod('a', { spec }))).toContain(what);
  });

  it('lets everything pass that it can run', () => {
    expect(refusalOf(pod('a'))).toBeUndefined();
  });
});

describe('countProbe', () => {
  it('changes its verdict only after enough results in a row', () => {
    const probe = { successThreshold: 2, failureThreshold: 3 };
    const results = [true, true, false, false, true, false, false, false, true, true];
    const verdicts: (boolean | undefined)[] = [];
    results.reduce((count, ok) => {
      const next = countProbe(count, ok, probe);
      verdicts.push(next.verdict);
      return next;
    }, noProbeYet);
    expect(verdicts).toEqual([undefined, true, true, true, true, true, true, false, false, true]);
  });
});
