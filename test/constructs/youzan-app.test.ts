import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { synthApp, type ManifestObject, type YouzanAppProps } from '../../constructs/index.js';
import { defineConventions, youzanConventions } from '../../src/conventions/index.js';
import { anyProps, anyServing } from './arbitrary.js';
import { containerOf, deploymentOf, scriptsOf, serviceOf } from './objects.js';
import { debugged, demoSpec, fullSpec, propsOf, seedSpec } from './specs.js';

const runs = { numRuns: 40 };
type Labels = Readonly<Record<string, string>>;
const selects = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

describe('a workload', () => {
  it.each<[string, Partial<YouzanAppProps>, string, Labels]>([
    ['stable', {}, 'trade-core', { 'youzan.com/app': 'trade-core', 'youzan.com/color': 'stable' }],
    ['gray', { color: 'gray' }, 'trade-core-gray', { 'youzan.com/app': 'trade-core', 'youzan.com/color': 'gray' }],
    ['blue', { color: 'blue' }, 'trade-core-blue', { 'youzan.com/app': 'trade-core', 'youzan.com/color': 'blue' }],
    ['green', { color: 'green' }, 'trade-core-green', { 'youzan.com/app': 'trade-core', 'youzan.com/color': 'green' }],
    [
      'of a service chain',
      { sc: 'f1' },
      'trade-core-f1',
      { 'youzan.com/app': 'trade-core', 'youzan.com/color': 'stable', 'youzan.com/sc': 'f1' },
    ],
    [
      'of a service chain and gray',
      { sc: 'f1', color: 'gray' },
      'trade-core-gray-f1',
      { 'youzan.com/app': 'trade-core', 'youzan.com/color': 'gray', 'youzan.com/sc': 'f1' },
    ],
  ])('%s has its own name and selector', (_, variant, name, selector) => {
    const props = { ...propsOf(demoSpec), ...variant } as YouzanAppProps;
    const { metadata, spec } = deploymentOf(props);
    expect([metadata.name, spec.selector.matchLabels]).toEqual([name, selector]);
    expect(serviceOf(props)).toMatchObject({ metadata: { name }, spec: { selector } });
  });

  it('is selected by its own Service, by the same labels as by its Deployment', () => {
    // So a pod that is taken out of its Deployment, to be isolated, is out of its Service too.
    fc.assert(
      fc.property(anyServing(), (props) => {
        const { spec } = deploymentOf(props);
        expect(serviceOf(props)?.spec.selector).toEqual(spec.selector.matchLabels);
        expect(selects(spec.selector.matchLabels, spec.template.metadata.labels)).toBe(true);
      }),
      runs,
    );
  });

  it('is never selected by the Service of another color, and for debug by none', () => {
    const serving = (['stable', 'gray', 'blue', 'green'] as const).map((color) => ({ ...propsOf(demoSpec), color }));
    const all: readonly YouzanAppProps[] = [...serving, debugged(propsOf(demoSpec))];
    const matches = serving.map((of) =>
      all.map((other) =>
        selects(serviceOf(of)?.spec.selector ?? {}, deploymentOf(other).spec.template.metadata.labels),
      ),
    );
    expect(matches).toEqual(serving.map((_, row) => all.map((__, column) => row === column)));
  });

  it('keeps its selector and its Service from one version to the next', () => {
    fc.assert(
      fc.property(anyProps(), (props) => {
        const next: YouzanAppProps = { ...props, version: '2.0.0', image: 'registry.example/other:2.0.0' };
        expect(deploymentOf(next).spec.selector).toEqual(deploymentOf(props).spec.selector);
        expect(serviceOf(next)).toEqual(serviceOf(props));
        expect(deploymentOf(next).spec.template).not.toEqual(deploymentOf(props).spec.template);
      }),
      runs,
    );
  });

  it('never says how many pods there are', () => {
    const keys = (value: unknown): string[] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => [key, ...keys(inner)])
        : [];
    fc.assert(
      fc.property(anyProps(), (props) => {
        expect(keys(synthApp(props).objects)).not.toContain('replicas');
      }),
      runs,
    );
  });

  it('for debug has no probes and no hooks, and no Service', () => {
    const props = debugged(propsOf(demoSpec));
    const { metadata, spec } = deploymentOf(props);
    const { lifecycle, readinessProbe } = containerOf(props);
    expect(serviceOf(props)).toBeUndefined();
    expect([metadata.name, lifecycle, readinessProbe, spec.minReadySeconds]).toEqual([
      'trade-core-debug',
      undefined,
      undefined,
      undefined,
    ]);
    expect(spec.template.metadata.labels).toMatchObject({ 'youzan.com/debug': 'true' });
    expect(Object.keys(spec.template.metadata.labels)).not.toContain('youzan.com/color');
  });

  it('follows the conventions of a company', () => {
    const conventions = defineConventions({ labelPrefix: 'example.com', managedBy: 'platform' });
    expect(serviceOf({ ...propsOf(demoSpec), conventions })?.metadata.labels).toMatchObject({
      'example.com/app': 'trade-core',
      'app.kubernetes.io/managed-by': 'platform',
    });
  });
});

describe('a rollout', () => {
  it('takes no pod away before a new one had the time to be published', () => {
    fc.assert(
      fc.property(anyServing(), (props) => {
        const { strategy, minReadySeconds, progressDeadlineSeconds } = deploymentOf(props).spec;
        const publish = props.publishDeadlineSeconds ?? youzanConventions.publishDeadlineSeconds;
        expect(strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
        expect(minReadySeconds).toBeGreaterThanOrEqual(publish);
        expect(progressDeadlineSeconds).toBeGreaterThan(publish);
      }),
      runs,
    );
  });
});

describe('the end of a pod', () => {
  it('has time for offline, drain, stop and the helpers before it is killed', () => {
    fc.assert(
      fc.property(anyServing(), (props) => {
        const { hooks, helpers } = props.spec;
        const offline = hooks.offline === false ? undefined : hooks.offline;
        const steps = (offline?.before ?? []).reduce(
          (sum, step) => sum + (step.type === 'wait' ? step.seconds : step.deadlineSeconds),
          0,
        );
        const drain = props.drainSeconds ?? hooks.drainSeconds ?? 0;
        const stop = hooks.stop?.deadlineSeconds ?? 0;
        const ofHelpers = Math.min(5 * helpers.length, youzanConventions.helperStopSeconds);
        const { terminationGracePeriodSeconds } = deploymentOf(props).spec.template.spec;
        expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
          steps + (offline?.deadlineSeconds ?? 0) + drain + stop + ofHelpers,
        );
        expect(Number.isInteger(terminationGracePeriodSeconds)).toBe(true);
      }),
      runs,
    );
  });

  it('has, for the app of the demo, these seconds', () => {
    // offline 5 and its last try 1, drain 4, stop 10 and 2 to notice, one helper 5, margin 2
    const { spec } = deploymentOf(propsOf(demoSpec)).spec.template;
    expect(spec.terminationGracePeriodSeconds).toBe(5 + 1 + 4 + 12 + 5 + 2);
  });
});

describe('a container', () => {
  it('knows who and where it is', () => {
    const props = { ...propsOf(fullSpec), sc: 'f1', environment: { JAVA_OPTS: '-Xmx2g', EXTRA: '1' } };
    const { env, ports } = containerOf(props);
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
      JAVA_TOOL_OPTIONS: '-XX:ActiveProcessorCount=2 -XX:MaxRAMPercentage=70.0',
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
    ['default, said', 'default' as const, { 'v1.multus-cni.io/default-network': 'vlan' }],
    ['second', 'second' as const, { 'k8s.v1.cni.cncf.io/networks': 'vlan' }],
  ])('has a macvlan as its %s network', (_, as, annotations) => {
    const { metadata } = deploymentOf({ ...propsOf(demoSpec), macvlan: { network: 'vlan', as } }).spec.template;
    expect(metadata.annotations).toEqual(annotations);
  });

  it('has no annotation without a macvlan', () => {
    expect(deploymentOf(propsOf(demoSpec)).spec.template.metadata.annotations).toBeUndefined();
  });

  it('asks its app to end with the signal of its kind', () => {
    expect(scriptsOf({ ...propsOf(seedSpec), spec: { ...seedSpec, kind: 'static' } }).entrypoint).toMatch(
      /_stop_1=QUIT/,
    );
    // TERM is what every other process is sent.
    expect(scriptsOf(propsOf(seedSpec)).entrypoint).not.toMatch(/_stop_1=/);
  });

  it('is ready when its switch says so, and without the switch when its port is open', () => {
    const spec = { ...demoSpec, hooks: { preload: false, online: false, offline: false } } as const;
    expect(containerOf(propsOf(demoSpec)).readinessProbe).toMatchObject({
      httpGet: { path: '/_HB_.php', port: 'http' },
    });
    expect(containerOf(propsOf(spec)).readinessProbe).toMatchObject({ tcpSocket: { port: 'http' } });
    expect(containerOf(propsOf(spec)).lifecycle?.postStart).toBeUndefined();
  });

  it('has scripts that a shell can read', () => {
    for (const script of Object.values(scriptsOf(propsOf(fullSpec)))) {
      expect(execFileSync('sh', ['-n', '-c', script], { encoding: 'utf8' })).toBe('');
    }
  });

  it('has an entrypoint in which Kubernetes expands nothing', () => {
    const words = ['$(POD_IP)', '$$', '$$(POD_IP)', '$HOME'];
    const props = propsOf({ ...fullSpec, entrypoint: { shell: words.join(' ') } });
    const { command, env } = containerOf(props);
    const names = [...env.map(({ name }) => name), '_x'];
    // Kubernetes replaces $(NAME) of a name that the container has, and $$ by $.
    const expand = (text: string): string =>
      text.replace(/\$(\$|\(([^)]*)\))/g, (all, what: string, name: string) =>
        what === '$' ? '$' : names.includes(name) ? '<value>' : all,
      );
    expect(expand('a $(POD_IP) $$ b')).toBe('a <value> $ b');
    expect(command.map(expand)).toEqual(command);
  });
});

it('every object names its kind and namespace', () => {
  const known = ({ apiVersion, kind, metadata }: ManifestObject): string =>
    [apiVersion, kind, metadata.namespace].join(' ');
  expect(synthApp(propsOf(seedSpec)).objects.map(known)).toEqual([
    'v1 Service trade',
    'policy/v1 PodDisruptionBudget trade',
    'apps/v1 Deployment trade',
  ]);
});
