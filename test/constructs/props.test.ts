import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { synthApp, YouzanApp, type YouzanAppProps } from '../../constructs/index.js';
import type { AppSpec, HelperSpec } from '../../src/app-yaml/index.js';
import { defineConventions, isYouzanKubeError } from '../../src/conventions/index.js';
import { debugged, demoSpec, propsOf } from './specs.js';

/** The findings of what is refused, with the path of the construct taken off. */
function findingsOf(make: () => unknown, path = 'bc-a/trade-core'): string[] {
  try {
    make();
  } catch (error) {
    if (!isYouzanKubeError(error) || error.code !== 'PROPS_INVALID') throw error;
    const [title, ...lines] = error.message.split('\n');
    expect(title).toBe(`${path} is not valid: ${lines.length === 1 ? '1 finding' : `${lines.length} findings`}`);
    expect(error.path?.startsWith(`${path}.`)).toBe(true);
    return lines.map((line) => line.trim().replace(`${path}.`, ''));
  }
  throw new Error('the props were taken');
}
/** Props that no compiler would take, as they come from JavaScript. */
const untyped = (patch: object): YouzanAppProps => ({ ...propsOf(demoSpec), ...patch });
const withSpec = (patch: Partial<AppSpec>): object => ({ spec: { ...demoSpec, ...patch } });

describe('malformed props', () => {
  const long = 'a'.repeat(64);
  it.each<[string, object, string]>([
    [
      'a namespace that is no label',
      { namespace: 'Trade' },
      'namespace: "Trade" is no DNS label that starts with a letter',
    ],
    ['a cluster with a dot', { cluster: 'bc.a' }, 'cluster: "bc.a" is no DNS label that starts with a letter'],
    ['an IDC that is empty', { idc: '' }, 'idc: "" is no DNS label that starts with a letter'],
    ['a name too long', { namespace: long }, `namespace: "${long}" is no DNS label that starts with a letter`],
    [
      'an unknown environment',
      { env: 'production' },
      'env: "production" is no environment; known are daily, qa, perf, pre, prod',
    ],
    [
      'an environment of the prototype',
      { env: 'constructor' },
      'env: "constructor" is no environment; known are daily, qa, perf, pre, prod',
    ],
    ['no version', { version: '' }, 'version: "" is no label value: letters, digits, "-", "_", ".", at most 63'],
    [
      'a version that is no label',
      { version: '1.0+7' },
      'version: "1.0+7" is no label value: letters, digits, "-", "_", ".", at most 63',
    ],
    ['an image without a tag', { image: 'trade-core' }, 'image: "trade-core" has no tag and no digest'],
    [
      "a registry's port for a tag",
      { image: 'registry.example:5000/trade-core' },
      'image: "registry.example:5000/trade-core" has no tag and no digest',
    ],
    ['half a digest', { image: 'a@sha256:12' }, 'image: "a@sha256:12" has no tag and no digest'],
    ['an unknown color', { color: 'pink' }, 'color: "pink" is no color; known are stable, gray, blue, green'],
    ['a service chain that is no label', { sc: 'F1' }, 'sc: "F1" is no DNS label'],
    ['a service chain named as a color', { sc: 'gray' }, 'sc: "gray" would give it the name of another workload'],
    ['a service chain named debug', { sc: 'debug' }, 'sc: "debug" would give it the name of another workload'],
    [
      'a network of three parts',
      { macvlan: { network: 'a/b/c' } },
      'macvlan.network: "a/b/c" is no network; allowed are name and namespace/name',
    ],
    [
      'a network with an interface',
      { macvlan: { network: 'vlan@eth1' } },
      'macvlan.network: "vlan@eth1" is no network; allowed are name and namespace/name',
    ],
    [
      'half a second to publish',
      { publishDeadlineSeconds: 1.5 },
      'publishDeadlineSeconds: 1.5 is out of range: a whole number of seconds from 0 to 3600',
    ],
    [
      'a drain without end',
      { drainSeconds: Infinity },
      'drainSeconds: Infinity is out of range: a whole number of seconds from 0 to 3600',
    ],
    [
      'a variable that is no name',
      { environment: { 'a b': 'x' } },
      'environment.a b: is no name of a variable: letters, digits and _',
    ],
    [
      "the conventions' variable",
      { environment: { POD_IP: 'x' } },
      'environment.POD_IP: "POD_IP" is set by the conventions in every container',
    ],
    ['a variable with a NUL', { environment: { A: 'a\0' } }, 'environment.A: holds a NUL character'],
    [
      'a quantity that is none',
      { resources: { limits: { memory: '1Gb' } } },
      'resources.limits.memory: "1Gb" is no quantity above 0, such as 500m, 2 or 1Gi',
    ],
    [
      'a request of nothing',
      { resources: { requests: { cpu: '0' } } },
      'resources.requests.cpu: "0" is no quantity above 0, such as 500m, 2 or 1Gi',
    ],
    [
      'a limit under its request',
      { resources: { requests: { cpu: '2' }, limits: { cpu: '500m' } } },
      'resources.limits.cpu: 500m is less than the request, 2',
    ],
    ['a name of the spec', withSpec({ name: 'Trade' }), 'spec.name: "Trade" is no DNS label that starts with a letter'],
    [
      'a kind that the conventions have not',
      withSpec({ kind: 'rust' }),
      'spec.kind: "rust" is no known kind; known are java, node, python, php, static, generic',
    ],
    [
      'a port out of range',
      withSpec({ ports: { http: 8030, manage: 99_999 } }),
      'spec.ports.manage: 99999 is no port: a whole number from 1 to 65535',
    ],
    [
      'a reserved port',
      withSpec({ ports: { http: 2280, manage: 8001 } }),
      'spec.ports.http: 2280 is reserved for trace-agent',
    ],
    [
      'a helper that is not there',
      withSpec({ after: ['agent'] }),
      'spec.after.0: "agent" is no helper; there are log-agent',
    ],
    ['no port for preload', withSpec({ ports: { http: 8030 } }), 'spec.ports: has no manage, which preload calls'],
    [
      'no port for the switch',
      withSpec({ ports: { manage: 8001 } }),
      'spec.ports: has no http, which online, offline and the readiness probe call',
    ],
    [
      'no port for the switch of offline alone',
      withSpec({ ports: { manage: 8001 }, hooks: { online: false } }),
      'spec.ports: has no http, which offline calls',
    ],
  ])('%s', (_, patch, finding) => {
    const props = untyped(patch);
    expect(findingsOf(() => synthApp(props), `${props.cluster}/${props.spec.name}`)).toEqual([finding]);
  });

  it('get all their findings at once, those of the spec first', () => {
    const patch = { ...withSpec({ ports: { http: 2280 } }), image: 'a', version: '1.0+7', namespace: 'Trade' };
    expect(findingsOf(() => synthApp(untyped(patch))).map((line) => line.split(':')[0])).toEqual([
      'spec.ports.http',
      'spec.ports',
      'namespace',
      'version',
      'image',
    ]);
  });

  it('are named by the path of their construct', () => {
    const group = new Construct(new Chart(new App(), 'bc-a'), 'trade');
    const make = (): YouzanApp => new YouzanApp(group, 'core', untyped({ version: '' }));
    expect(findingsOf(make, 'bc-a/trade/core')).toHaveLength(1);
  });

  it('include what the rich container refuses', () => {
    const helpers: HelperSpec[] = [{ name: 'agent', command: ['a\ud800'], after: [] }];
    const make = () => synthApp(untyped({ ...withSpec({ helpers, after: ['agent'] }), version: '' }));
    expect(make).toThrow(/^bc-a\/trade-core is not valid: 2 findings\n.*version: "" is no label value/);
    expect(make).toThrow(
      "bc-a/trade-core.spec: the processes can't be run:\n- agent.command[0] holds half of a surrogate",
    );
  });
});

describe('props that are right', () => {
  it.each<[string, object]>([
    ['a tag', { image: 'registry.example:5000/a/b:v1.0_x' }],
    ['a digest', { image: `registry.example/a@sha256:${'0a'.repeat(32)}` }],
    ['a tag and a digest', { image: `a:1@sha256:${'0a'.repeat(32)}` }],
    ['nothing to wait for', { publishDeadlineSeconds: 0, drainSeconds: 0 }],
    [
      'no port of an app without hooks',
      withSpec({ ports: {}, hooks: { preload: false, online: false, offline: false } }),
    ],
    [
      "a company's own environment",
      { env: 'lab', conventions: defineConventions({ environments: { lab: { runMode: 'test' } } }) },
    ],
  ])('are taken: %s', (_, patch) => {
    expect(synthApp(untyped(patch)).objects.length).toBeGreaterThan(0);
  });

  it('may lack, for a debug release, the ports that hooks would call', () => {
    expect(synthApp(debugged(propsOf({ ...demoSpec, ports: { rpc: 8100 } }))).objects).toHaveLength(1);
  });
});

describe('what the compiler refuses', () => {
  const { spec, image, version, cluster, idc, env, namespace } = propsOf(demoSpec);
  const base = { spec, image, version, cluster, idc, env, namespace };
  const helper = { name: 'a', command: ['a'], after: [] };

  it('is refused by tsc, which checks this file', () => {
    // @ts-expect-error a debug release has no color
    const colored: YouzanAppProps = { ...base, debug: true, color: 'gray' };
    // @ts-expect-error a debug release is in no service chain
    const chained: YouzanAppProps = { ...base, debug: true, sc: 'f1' };
    // @ts-expect-error a debug release takes no traffic that could drain
    const draining: YouzanAppProps = { ...base, debug: true, drainSeconds: 5 };
    // @ts-expect-error a debug release is never published
    const published: YouzanAppProps = { ...base, debug: true, publishDeadlineSeconds: 5 };
    // @ts-expect-error replicas are the scale step's
    const scaled: YouzanAppProps = { ...base, replicas: 2 };
    // @ts-expect-error no such color
    const pink: YouzanAppProps = { ...base, color: 'pink' };
    // @ts-expect-error a network is the default or a second one
    const third: YouzanAppProps = { ...base, macvlan: { network: 'vlan', as: 'third' } };
    // @ts-expect-error what is released has a version
    const unversioned: YouzanAppProps = { ...base, version: undefined };
    // @ts-expect-error resources are cpu and memory
    const disk: YouzanAppProps = { ...base, resources: { limits: { disk: '1Gi' } } };
    // @ts-expect-error a gate has a deadline
    const endless: HelperSpec = { ...helper, ready: { type: 'tcp', port: 1 } };
    // @ts-expect-error a gate is of one type
    const twofold: HelperSpec = { ...helper, ready: { type: 'tcp', port: 1, path: '/', deadlineSeconds: 1 } };
    const good: YouzanAppProps[] = [
      { ...base, debug: true },
      { ...base, color: 'gray', sc: 'f1', drainSeconds: 1 },
    ];
    const refused = [colored, chained, draining, published, scaled, pink, third, unversioned, disk, endless, twofold];
    expect([refused.length, good.length]).toEqual([11, 2]);
  });
});
