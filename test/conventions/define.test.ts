import { describe, expect, it } from 'vitest';
import {
  defineConventions,
  isYouzanKubeError,
  kindOfRuntime,
  labelKeys,
  portsOfKind,
  youzanConventions,
  type ConventionsParts,
} from '../../src/conventions/index.js';

function findingsOf(parts: ConventionsParts): string {
  try {
    defineConventions(parts);
  } catch (error) {
    if (isYouzanKubeError(error) && error.code === 'CONVENTIONS_INVALID') return error.message;
    throw error;
  }
  throw new Error('the parts were taken');
}

describe("Youzan's conventions", () => {
  it('are valid themselves', () => {
    expect(defineConventions({})).toEqual(youzanConventions);
  });

  it('cannot be changed in place', () => {
    expect(() => Object.assign(youzanConventions.ports, { http: 1 })).toThrow(TypeError);
  });

  it.each([
    ['java', { http: 8030, rpc: 8100, manage: 8001 }],
    ['node', { http: 8030, manage: 8001 }],
    ['python', { http: 8030, manage: 8001 }],
    ['php', { http: 8030, rpc: 8100, manage: 8001 }],
    ['static', { http: 8030, manage: 8001 }],
    ['generic', { http: 8030, manage: 8001 }],
    ['unknown', {}],
  ])('give an app of kind %s its ports', (kind, ports) => {
    expect(portsOfKind(kind, youzanConventions)).toEqual(ports);
  });

  it.each([
    ['python-2.7', 'python'],
    ['node-20', 'node'],
    ['Node:20', 'node'],
    ['openjdk-8u191', 'java'],
    ['php-7.4', 'php'],
    ['nginx-1.26', 'static'],
    ['rust-1.80', undefined],
    ['', undefined],
  ])('take runtime "%s" for kind %s', (runtime, kind) => {
    expect(kindOfRuntime(runtime, youzanConventions)).toBe(kind);
  });
});

describe('defineConventions', () => {
  it('replaces part by part and keeps the rest', () => {
    const ours = defineConventions({
      labelPrefix: 'example.com',
      ports: { http: 8080 },
      hooks: { preload: { tries: 3 } },
      kinds: {
        go: { runtimes: ['go'], roles: ['http', 'manage'], terminationSignal: 'INT' },
        java: { roles: ['http', 'manage'] },
      },
      environments: { staging: { runMode: 'pre' } },
    });
    expect(ours.labels).toEqual(labelKeys('example.com'));
    expect(ours.ports).toEqual({ ...youzanConventions.ports, http: 8080 });
    expect(ours.hooks.preload).toEqual({ ...youzanConventions.hooks.preload, tries: 3 });
    expect(kindOfRuntime('go-1.22', ours)).toBe('go');
    expect(ours.kinds['java']).toEqual({ ...youzanConventions.kinds['java'], roles: ['http', 'manage'] });
    expect(ours.environments['staging']).toEqual({ runMode: 'pre' });
    expect(ours.variables).toEqual(youzanConventions.variables);
  });

  it('lists every finding at once', () => {
    const message = findingsOf({
      labelPrefix: 'not_a_name',
      ports: { http: 8001, rpc: 70_000 },
      publishDeadlineSeconds: -1,
    });
    expect(message.split('\n').slice(1)).toEqual([
      expect.stringContaining('labelPrefix: "not_a_name" is no prefix of label keys'),
      '  ports.rpc: 70000 is no port: a whole number from 1 to 65535',
      '  publishDeadlineSeconds: -1 is out of range: a whole number from 0 to 3600',
      '  ports.manage: 8001 is already ports.http',
    ]);
  });

  it('names every unknown key and the one that was meant', () => {
    const unknown: Record<string, unknown> = {
      port: {},
      hooks: { preload: { tires: 1 }, foo: 1 },
      kinds: { node: { role: [] } },
    };
    const message = findingsOf(unknown);
    expect(message.split('\n').slice(1)).toEqual([
      '  port: unknown key; did you mean "ports"?',
      '  hooks.preload.tires: unknown key; did you mean "tries"?',
      '  hooks.foo: unknown key',
      '  kinds.node.role: unknown key; did you mean "roles"?',
    ]);
  });

  it.each<[string, ConventionsParts, string]>([
    ["Kubernetes' own prefix", { labelPrefix: 'apps.kubernetes.io' }, 'labelPrefix: "apps.kubernetes.io"'],
    [
      'an agent on a port of the apps',
      { reservedPorts: { agent: 8030 } },
      'reservedPorts.agent: 8030 is already ports.http',
    ],
    [
      'two labels with one key',
      { labels: { app: 'x.com/a', env: 'x.com/a' } },
      'labels.env: x.com/a is already labels.app',
    ],
    ['a label key that is none', { labels: { app: 'a b' } }, 'labels.app: "a b" is no label key'],
    [
      'a runtime of two kinds',
      { kinds: { go: { runtimes: ['node'], roles: ['http', 'manage'], terminationSignal: 'TERM' } } },
      'kinds.go.runtimes.0: node is already kinds.node.runtimes.0',
    ],
    [
      'a kind that the hooks cannot call',
      { kinds: { node: { roles: ['rpc'] } } },
      'kinds.node.roles: lacks http, which the hooks call',
    ],
    ['a new kind that is not whole', { kinds: { go: { runtimes: ['go'] } } }, 'kinds.go.roles: is missing'],
    ['two variables of one name', { variables: { idc: 'POD_IP' } }, 'POD_IP is already variables.idc'],
    ['a variable that no shell can hold', { variables: { idc: 'a-b' } }, 'variables.idc: "a-b" is no name'],
    [
      'a path with a query',
      { hooks: { health: { path: '/health?x=1' } } },
      'hooks.health.path: "/health?x=1" is no path',
    ],
    ['no time to drain', { hooks: { drainSeconds: Number.NaN } }, 'hooks.drainSeconds'],
  ])('refuses %s', (_, parts, expected) => {
    expect(findingsOf(parts)).toContain(expected);
  });
});
