import { describe, expect, it } from 'vitest';
import {
  conventionsOfKind,
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

const go = {
  runtimes: ['go'],
  roles: ['http', 'manage'],
  terminationSignal: 'INT',
  stack: 'youzanyun-debian12',
  runtime: 'go-1.22',
} as const;
/** Parts that the types would not take. */
const lines = (kinds: unknown): ConventionsParts => JSON.parse(JSON.stringify({ kinds })) as ConventionsParts;

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
    ['static', { http: 8030 }],
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

describe('the conventions of a kind', () => {
  it("have the kind's hooks in the place of the company's", () => {
    const { hooks } = conventionsOfKind('static', youzanConventions);
    expect(hooks).toEqual({ ...youzanConventions.hooks, health: { role: 'http', path: '/', expect: false } });
  });

  it('keep what a kind leaves out of a hook', () => {
    const ours = defineConventions({ kinds: { node: { hooks: { preload: { tries: 3 }, drainSeconds: 9 } } } });
    const { hooks } = conventionsOfKind('node', ours);
    expect(hooks).toEqual({ ...ours.hooks, preload: { ...ours.hooks.preload, tries: 3 }, drainSeconds: 9 });
  });

  it.each(['java', 'rust', 'constructor'])("are the company's own for %s", (kind) => {
    expect(conventionsOfKind(kind, youzanConventions)).toBe(youzanConventions);
  });
});

describe('defineConventions', () => {
  it('replaces part by part and keeps the rest', () => {
    const ours = defineConventions({
      labelPrefix: 'example.com',
      ports: { http: 8080 },
      hooks: { preload: { tries: 3 } },
      kinds: {
        go,
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
      images: { stacks: { 'youzanyun-debian12': { pakages: [] } } },
      kinds: { node: { role: [], hooks: { health: { pth: '/' } }, env: { ANY: 'x' } } },
    };
    const message = findingsOf(unknown);
    expect(message.split('\n').slice(1)).toEqual([
      '  port: unknown key; did you mean "ports"?',
      '  hooks.preload.tires: unknown key; did you mean "tries"?',
      '  hooks.foo: unknown key',
      '  images.stacks.youzanyun-debian12.pakages: unknown key; did you mean "packages"?',
      '  kinds.node.role: unknown key; did you mean "roles"?',
      '  kinds.node.hooks.health.pth: unknown key; did you mean "path"?',
    ]);
  });

  it('takes a kind of a company with all its parts', () => {
    const command = { shell: 'exec ./server' };
    const hooks = { health: { expect: false }, preload: { tries: 5 }, drainSeconds: 2 } as const;
    const whole = { ...go, command, switch: 'none', hooks, env: { GOGC: '50' } } as const;
    const ours = defineConventions({ kinds: { go: whole } });
    expect(ours.kinds['go']).toEqual(whole);
  });

  it('names every part that a new kind lacks', () => {
    const message = findingsOf({ kinds: { go: {} } });
    const parts = ['runtimes', 'roles', 'terminationSignal', 'stack', 'runtime'];
    const places = message
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(':')[0]);
    expect(places).toEqual(parts.map((part) => `kinds.go.${part}`));
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
      { kinds: { go: { ...go, runtimes: ['node'] } } },
      'kinds.go.runtimes.0: node is already kinds.node.runtimes.0',
    ],
    [
      'a kind that the hooks cannot call',
      { kinds: { node: { roles: ['rpc'] } } },
      'kinds.node.roles: lacks http, which the hooks call',
    ],
    [
      'a kind without the port of its own health',
      { kinds: { node: { hooks: { health: { role: 'metrics' } } } } },
      'kinds.node.roles: lacks metrics, which the hooks call',
    ],
    [
      'a command that is a line',
      lines({ go: { ...go, command: 'go run' } }),
      'kinds.go.command: is neither words nor { shell: a text }',
    ],
    ['a command of no words', { kinds: { go: { ...go, command: [] } } }, 'kinds.go.command'],
    [
      'a word of an answer that is two',
      { kinds: { node: { hooks: { health: { expect: 'all up' } } } } },
      'kinds.node.hooks.health.expect: "all up" is no single word',
    ],
    [
      "a kind's variable that every container has",
      { kinds: { node: { env: { POD_IP: 'x' } } } },
      'kinds.node.env.POD_IP: is set by the conventions in every container',
    ],
    ["a kind's variable that no shell can hold", { kinds: { node: { env: { 'a-b': 'x' } } } }, '"a-b" is no name'],
    [
      'a digest that is none',
      { images: { stacks: { 'youzanyun-debian12': { digest: 'latest' } } } },
      'images.stacks.youzanyun-debian12.digest: "latest" is no digest',
    ],
    [
      'a package that is a shell text',
      { images: { stacks: { 'youzanyun-debian12': { packages: ['curl; reboot'] } } } },
      'images.stacks.youzanyun-debian12.packages.0: "curl; reboot" is no package',
    ],
    [
      'a runtime on a stack that is not there',
      { images: { runtimes: { 'go-1.22': { packages: { debian: [] }, programs: [] } } } },
      'images.runtimes.go-1.22.packages.debian: is no stack',
    ],
    [
      'a digest of a runtime that can not be built',
      { images: { runtimes: { 'node-18': { digests: { 'youzanyun-centos6': `sha256:${'0'.repeat(64)}` } } } } },
      'images.runtimes.node-18.digests.youzanyun-centos6: is no stack that the runtime has packages for',
    ],
    ['apps that run as root', { images: { user: { id: 0 } } }, 'images.user.id: 0 is no user of its own'],
    ['half a stack', { images: { stacks: { mine: { packages: [] } } } }, 'images.stacks.mine.base: is missing'],
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
