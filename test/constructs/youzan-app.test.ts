import { execFileSync } from 'node:child_process';
import { App, Chart } from 'cdk8s';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { synthApp, YouzanApp, type Bundle, type ManifestObject, type YouzanAppProps } from '../../constructs/index.js';
import { defineConventions, isYouzanKubeError } from '../../src/conventions/index.js';
import { debugged, demoSpec, fullSpec, propsOf, seedSpec } from './specs.js';

afterEach(() => vi.unstubAllEnvs());

interface Container {
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly lifecycle?: Readonly<
    Record<'postStart' | 'preStop', { readonly exec: { readonly command: readonly string[] } }>
  >;
  readonly readinessProbe?: object;
}
interface DeploymentSpec {
  readonly replicas?: number;
  readonly minReadySeconds?: number;
  readonly progressDeadlineSeconds: number;
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly strategy: object;
  readonly template: {
    readonly metadata: {
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    };
    readonly spec: { readonly containers: readonly Container[]; readonly terminationGracePeriodSeconds: number };
  };
}

const object = (bundle: Bundle, kind: string): ManifestObject => bundle.objects.find((one) => one.kind === kind)!;
const deploymentOf = (props: YouzanAppProps): DeploymentSpec =>
  object(synthApp(props), 'Deployment')['spec'] as DeploymentSpec;
const containerOf = (props: YouzanAppProps): Container => deploymentOf(props).template.spec.containers[0]!;
const scriptsOf = ({ command, lifecycle }: Container): Readonly<Record<string, string>> => ({
  entrypoint: command[2]!,
  ...(lifecycle && { postStart: lifecycle.postStart.exec.command[2]!, preStop: lifecycle.preStop.exec.command[2]! }),
});

/** The YAML with each generated script's name in its place: the scripts have tests of their own. */
function reviewable(props: YouzanAppProps): string {
  const { yaml } = synthApp(props);
  return Object.entries(scriptsOf(containerOf(props))).reduce((text, [name, script]) => {
    const indented = script
      .replace(/\n$/, '')
      .replaceAll('\n', '\n +')
      .replace(/./g, (character) => character);
    expect(indented.length).toBeGreaterThan(100);
    return replaceBlock(text, script, `<${name}>`);
  }, yaml);
}

function replaceBlock(yaml: string, script: string, name: string): string {
  const lines = yaml.split('\n');
  const wanted = script.replace(/\n+$/, '').split('\n');
  const at = lines.findIndex(
    (line, index) =>
      /^ +- \|[-+]?\d?$/.test(line) &&
      wanted.every((one, offset) => (lines[index + 1 + offset] ?? '').trim() === one.trim()),
  );
  expect(at, `${name} stands in the YAML`).toBeGreaterThan(0);
  lines.splice(at, wanted.length + 1, lines[at]!.replace(/\|.*$/, name));
  return lines.join('\n');
}

describe('the manifests', () => {
  it.each<[string, YouzanAppProps]>([
    ['seed', propsOf(seedSpec)],
    ['demo', propsOf(demoSpec)],
    ['full-gray-macvlan', { ...propsOf(fullSpec), color: 'gray', macvlan: { network: 'kube-system/bc-vlan-12' } }],
    ['demo-debug', debugged(propsOf(demoSpec))],
  ])('of %s are the reviewed ones', async (name, props) => {
    await expect(reviewable(props)).toMatchFileSnapshot(`golden/${name}.yaml`);
  });

  it('are the Service and then the Deployment, as YAML and as objects', () => {
    const bundle = synthApp(propsOf(demoSpec));
    expect(bundle).toMatchObject({
      cluster: 'bc-a',
      idc: 'bc',
      app: 'trade-core',
      namespace: 'trade',
      fileName: 'trade-core.yaml',
    });
    expect(bundle.objects.map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace])).toEqual([
      ['Service', 'trade-core', 'trade'],
      ['Deployment', 'trade-core', 'trade'],
    ]);
    expect(parseAllDocuments(bundle.yaml, { version: '1.1' }).map((document) => document.toJS() as unknown)).toEqual(
      bundle.objects,
    );
  });

  it('are the same bytes every time, whatever the environment', () => {
    const { yaml } = synthApp(propsOf(fullSpec));
    vi.stubEnv('CDK8S_DISABLE_SORT', '1');
    expect(synthApp(propsOf(fullSpec)).yaml).toBe(yaml);
  });

  it('are the same bytes whatever the ids of the constructs', () => {
    const manifests = (chartId: string, id: string): unknown => {
      const chart = new Chart(new App(), chartId);
      new YouzanApp(chart, id, propsOf(demoSpec));
      return chart.toJson();
    };
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/),
        fc.stringMatching(/^[A-Za-z0-9 _.-]{1,30}$/),
        (chartId, id) => {
          expect(JSON.stringify(manifests(chartId, id))).toBe(JSON.stringify(manifests('chart', 'app')));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('never have replicas', () => {
    expect(deploymentOf(propsOf(demoSpec)).replicas).toBeUndefined();
  });

  it('have scripts that a shell can read', () => {
    for (const script of Object.values(scriptsOf(containerOf(propsOf(fullSpec))))) {
      expect(execFileSync('sh', ['-n', '-c', script], { encoding: 'utf8' })).toBe('');
    }
  });
});

describe('a workload', () => {
  it.each<[string, Partial<YouzanAppProps>, string, Record<string, string>]>([
    ['stable', {}, 'trade-core', { 'youzan.com/app': 'trade-core', 'youzan.com/color': 'stable' }],
    ['gray', { color: 'gray' }, 'trade-core-gray', { 'youzan.com/app': 'trade-core', 'youzan.com/color': 'gray' }],
    [
      'of a service chain',
      { sc: 'f1' },
      'trade-core-f1',
      { 'youzan.com/app': 'trade-core', 'youzan.com/color': 'stable', 'youzan.com/sc': 'f1' },
    ],
  ])('%s has its own name and selector', (_, variant, name, selector) => {
    const bundle = synthApp({ ...propsOf(demoSpec), ...variant } as YouzanAppProps);
    const deployment = object(bundle, 'Deployment');
    expect(deployment.metadata.name).toBe(name);
    expect((deployment['spec'] as DeploymentSpec).selector.matchLabels).toEqual(selector);
    expect((deployment['spec'] as DeploymentSpec).template.metadata.labels).toMatchObject(selector);
    expect(object(bundle, 'Service')).toMatchObject({ metadata: { name }, spec: { selector } });
  });

  it('keeps its selector from one version to the next, and its Service whole', () => {
    const first = synthApp(propsOf(demoSpec));
    const second = synthApp({ ...propsOf(demoSpec), version: '2.0.0', image: 'registry.example/trade-core:2.0.0' });
    expect(object(second, 'Service')).toEqual(object(first, 'Service'));
    expect((object(second, 'Deployment')['spec'] as DeploymentSpec).selector).toEqual(
      (object(first, 'Deployment')['spec'] as DeploymentSpec).selector,
    );
    expect(second.yaml).not.toBe(first.yaml);
  });

  it('for debug has no probes and no hooks, and no Service selects it', () => {
    const bundle = synthApp(debugged(propsOf(demoSpec)));
    expect(bundle.objects.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['Deployment', 'trade-core-debug'],
    ]);
    const { template, minReadySeconds } = object(bundle, 'Deployment')['spec'] as DeploymentSpec;
    const container = template.spec.containers[0]!;
    expect([container.lifecycle, container.readinessProbe, minReadySeconds]).toEqual([undefined, undefined, undefined]);
    const selected = (object(synthApp(propsOf(demoSpec)), 'Service')['spec'] as { selector: Record<string, string> })
      .selector;
    expect(Object.entries(selected).every(([key, value]) => template.metadata.labels[key] === value)).toBe(false);
    expect(template.metadata.labels['youzan.com/debug']).toBe('true');
  });

  it('keeps an old pod until a new one had the time to be published', () => {
    expect(deploymentOf(propsOf(demoSpec))).toMatchObject({
      minReadySeconds: 10,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
    const slow = deploymentOf({ ...propsOf(demoSpec), publishDeadlineSeconds: 900 });
    expect(slow.minReadySeconds).toBe(900);
    expect(slow.progressDeadlineSeconds).toBeGreaterThan(900);
  });

  it('has time for offline, drain, stop and the helpers before it is killed', () => {
    // demo: offline 5 and its last try 1, drain 4, stop 10 and 2 to notice; main 10 and one helper 5; margin 2
    expect(deploymentOf(propsOf(demoSpec)).template.spec.terminationGracePeriodSeconds).toBe(
      5 + 1 + 4 + 12 + 10 + 5 + 2,
    );
    expect(deploymentOf({ ...propsOf(demoSpec), drainSeconds: 30 }).template.spec.terminationGracePeriodSeconds).toBe(
      65,
    );
  });

  it('tells its container who and where it is', () => {
    const { env, ports } = containerOf({
      ...propsOf(fullSpec),
      sc: 'f1',
      environment: { JAVA_OPTS: '-Xmx2g', EXTRA: '1' },
    });
    expect(Object.fromEntries(env.map(({ name, value, ...from }) => [name, value ?? from]))).toEqual({
      POD_UID: { valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
      POD_NAME: { valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      POD_NAMESPACE: { valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      POD_IP: { valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      NODE_NAME: { valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      KDT_RUN_MODE: 'online',
      APPLICATION_NAME: 'trade-core',
      APPLICATION_VERSION: '1.0.0',
      YOUZAN_IDC: 'bc',
      YOUZAN_CLUSTER: 'bc-a',
      YOUZAN_ENV: 'prod',
      YOUZAN_COLOR: 'stable',
      KDT_X_SERVICE_CHAIN: '{"name":"f1"}',
      PORT_HTTP: '8080',
      PORT_RPC: '8100',
      PORT_MANAGE: '8001',
      PORT_METRICS: '9101',
      JAVA_OPTS: '-Xmx2g',
      SELF: '$(POD_IP):8080',
      EXTRA: '1',
    });
    expect(ports.map(({ name, containerPort }) => [name, containerPort])).toEqual([
      ['http', 8080],
      ['rpc', 8100],
      ['manage', 8001],
      ['metrics', 9101],
    ]);
  });

  it.each([
    ['default', undefined, { 'v1.multus-cni.io/default-network': 'vlan' }],
    ['second', 'second' as const, { 'k8s.v1.cni.cncf.io/networks': 'vlan' }],
  ])('attaches a macvlan as its %s network', (_, as, annotations) => {
    expect(
      deploymentOf({ ...propsOf(demoSpec), macvlan: { network: 'vlan', as } }).template.metadata.annotations,
    ).toEqual(annotations);
  });

  it('starts the app after its helpers and asks it to end with the signal of its kind', () => {
    const nginx = { ...seedSpec, kind: 'static' };
    expect(scriptsOf(containerOf(propsOf(nginx)))['entrypoint']).toMatch(/stop_1=QUIT/);
    expect(scriptsOf(containerOf(propsOf(seedSpec)))['entrypoint']).toMatch(/stop_1=TERM/);
  });

  it('without the switch is ready when its port is open', () => {
    const spec = { ...demoSpec, hooks: { preload: false, online: false, offline: false } } as const;
    expect(containerOf(propsOf(spec)).readinessProbe).toMatchObject({ tcpSocket: { port: 'http' } });
    expect(containerOf(propsOf(spec)).lifecycle?.postStart).toBeUndefined();
  });

  it("follows a company's own conventions", () => {
    const conventions = defineConventions({ labelPrefix: 'example.com', managedBy: 'platform' });
    const { metadata } = object(synthApp({ ...propsOf(demoSpec), conventions }), 'Service');
    expect(metadata.labels).toMatchObject({
      'example.com/app': 'trade-core',
      'app.kubernetes.io/managed-by': 'platform',
    });
  });
});

describe('malformed props', () => {
  const findingsOf = (props: YouzanAppProps): string[] => {
    try {
      synthApp(props);
    } catch (error) {
      if (!isYouzanKubeError(error) || error.code !== 'YOUZAN_APP_INVALID') throw error;
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
    }
    throw new Error('the props were taken');
  };

  it('get all their findings at once, with the path of the construct', () => {
    expect(
      findingsOf({
        ...propsOf({ ...demoSpec, ports: { http: 2280, manage: 99_999 } }),
        image: 'trade-core',
        version: '1.0+7',
        namespace: 'Trade',
        env: 'production',
        publishDeadlineSeconds: 1.5,
        environment: { 'a b': 'x', POD_IP: 'x' },
        resources: { limits: { memory: '1Gb' } },
        macvlan: { network: 'a/b/c' },
      }),
    ).toEqual([
      'bc-a/trade-core.spec.ports.manage: 99999 is no port: a whole number from 1 to 65535',
      'bc-a/trade-core.spec.ports.http: 2280 is reserved for trace-agent',
      'bc-a/trade-core.namespace: "Trade" is no DNS label that starts with a letter',
      'bc-a/trade-core.env: "production" is no environment; known are daily, qa, perf, pre, prod',
      'bc-a/trade-core.version: "1.0+7" is no label value: letters, digits, "-", "_", ".", at most 63',
      'bc-a/trade-core.image: "trade-core" has no tag and no digest',
      'bc-a/trade-core.macvlan.network: "a/b/c" is no network; allowed are name and namespace/name',
      'bc-a/trade-core.publishDeadlineSeconds: 1.5 is out of range: a whole number of seconds from 0 to 3600',
      'bc-a/trade-core.environment.a b: is no name of a variable: letters, digits and _',
      'bc-a/trade-core.environment.POD_IP: "POD_IP" is set by the conventions in every container',
      'bc-a/trade-core.resources.limits.memory: "1Gb" is no quantity above 0, such as 500m, 2 or 1Gi',
    ]);
  });

  it('include what the hooks call and the app has not', () => {
    expect(findingsOf(propsOf({ ...demoSpec, ports: { rpc: 8100 } }))).toEqual([
      'bc-a/trade-core.spec.ports: has no manage, which preload calls',
      'bc-a/trade-core.spec.ports: has no http, which online, offline and the readiness probe call',
    ]);
  });

  it('include what the rich container refuses', () => {
    const helpers = [{ name: 'agent', command: ['a\ud800'], after: [] }];
    expect(findingsOf(propsOf({ ...demoSpec, helpers, after: ['agent'] })).join('\n')).toContain(
      'bc-a/trade-core.spec: ',
    );
  });

  it('that can be seen by the compiler do not compile', () => {
    const props = propsOf(demoSpec);
    // @ts-expect-error a debug release has no color
    const colored: YouzanAppProps = { ...props, debug: true, color: 'gray' };
    // @ts-expect-error a debug release takes no traffic that could drain
    const draining: YouzanAppProps = { ...props, debug: true, drainSeconds: 5 };
    // @ts-expect-error replicas are the scale step's
    const scaled: YouzanAppProps = { ...props, replicas: 2 };
    // @ts-expect-error no such color
    const pink: YouzanAppProps = { ...props, color: 'pink' };
    expect([colored, draining, scaled, pink]).toHaveLength(4);
  });
});
