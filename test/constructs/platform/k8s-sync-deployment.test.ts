import { App, Chart } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { K8sSyncDeployment, type K8sSyncDeploymentProps, type ManifestObject } from '../../../constructs/index.js';
import { defineFleet, parseFleetYaml } from '../../../src/fleet/index.js';

const fleet = defineFleet({
  idcs: {
    bc: { clusters: { 'bc-a': { version: '1.34', kubeconfig: '/secret/bc-a' }, 'bc-b': { version: '1.33' } } },
    bd: { clusters: { 'bd-a': { version: '1.34' } } },
  },
  environments: {
    prod: {
      gateways: [
        { name: 'bc-1', idc: 'bc', url: 'http://10.77.0.9:9000', tokenEnv: 'YZ7_BC_1' },
        { name: 'bd-1', idc: 'bd', url: 'http://10.78.0.9:9000', tokenEnv: 'YZ7_BD_1' },
      ],
    },
    qa: { gateways: [{ name: 'qa-1', idc: 'bc', url: 'http://10.77.0.8:9000', tokenEnv: 'YZ7_QA_1' }] },
  },
});
const props: K8sSyncDeploymentProps = {
  fleet,
  env: 'prod',
  cluster: 'bc-a',
  namespace: 'youzan-system',
  image: 'registry.example/youzan-kube:0.1.0',
  tokenSecret: 'gateway-tokens',
};

interface Container {
  command: string[];
  env?: { name: string; value?: string; valueFrom?: unknown }[];
  readinessProbe: { httpGet: { path: string; port: string } };
  livenessProbe: { httpGet: { path: string } };
  securityContext: unknown;
  volumeMounts: unknown[];
}
type Loose = ManifestObject & {
  data?: Record<string, string>;
  spec: {
    replicas?: number;
    selector: { matchLabels: Record<string, string> };
    template: {
      metadata: { labels: Record<string, string> };
      spec: { containers: [Container]; volumes: unknown[]; securityContext: unknown };
    };
  };
};

function synth(more: Partial<K8sSyncDeploymentProps> = {}): Loose[] {
  const chart = new Chart(new App(), 'bc-a');
  new K8sSyncDeployment(chart, 'syncer', { ...props, ...more });
  return chart.toJson() as Loose[];
}
const named = (kind: string, more?: Partial<K8sSyncDeploymentProps>): Loose =>
  synth(more).find((object) => object.kind === kind)!;
const containerOf = (more?: Partial<K8sSyncDeploymentProps>): Container =>
  named('Deployment', more).spec.template.spec.containers[0];

describe('K8sSyncDeployment', () => {
  it('is two replicas that nodes’ drains and releases leave one of, with rights and fleet of their own', () => {
    expect(
      synth()
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual([
      'ClusterRole',
      'ClusterRoleBinding',
      'ConfigMap',
      'Deployment',
      'PodDisruptionBudget',
      'Role',
      'RoleBinding',
      'ServiceAccount',
    ]);
    const { spec } = named('Deployment');
    expect(spec).toMatchObject({ replicas: 2, strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } });
    expect(named('PodDisruptionBudget').spec).toEqual({ maxUnavailable: 1, selector: spec.selector });
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
  });

  it('syncs its own cluster only, by its service account, with a Lease in its own namespace', () => {
    expect(containerOf().command).toEqual([
      ...['youzan-kube', 'sync', '--fleet', '/etc/youzan/fleet.yaml', '--environment', 'prod'],
      ...['--cluster', 'bc-a', '--in-cluster', '--lease', 'youzan-system/k8s-sync'],
      ...['--metrics-host', '0.0.0.0', '--metrics-port', '9464'],
    ]);
  });

  it('sees one namespace only when told so', () => {
    const more = { appNamespace: 'trade' };
    expect(containerOf(more).command.join(' ')).toContain('--namespace trade');
    expect(synth(more).map(({ kind }) => kind)).not.toContain('ClusterRole');
  });

  it('has a fleet.yaml with every gateway of the environment, and no kubeconfig', () => {
    const text = named('ConfigMap').data!['fleet.yaml']!;
    const read = parseFleetYaml(text, { file: 'fleet.yaml' });
    expect(read.gateways).toEqual({ prod: fleet.gateways['prod'] });
    expect(read.clusters.map(({ name, idc, version }) => [name, idc, version])).toEqual([
      ['bc-a', 'bc', '1.34'],
      ['bc-b', 'bc', '1.33'],
      ['bd-a', 'bd', '1.34'],
    ]);
    expect(text).not.toContain('secret');
  });

  it('gets each token from the Secret', () => {
    expect(containerOf().env).toEqual(
      ['YZ7_BC_1', 'YZ7_BD_1'].map((name) => ({
        name,
        valueFrom: { secretKeyRef: { name: 'gateway-tokens', key: name } },
      })),
    );
  });

  it('asks the API servers by their load balancer when there is one', () => {
    expect(containerOf({ apiServer: { host: '10.77.0.2', port: 6443 } }).env?.slice(0, 2)).toEqual([
      { name: 'KUBERNETES_SERVICE_HOST', value: '10.77.0.2' },
      { name: 'KUBERNETES_SERVICE_PORT', value: '6443' },
    ]);
  });

  it('may do nothing on its node', () => {
    expect(named('Deployment').spec.template.spec.securityContext).toMatchObject({ runAsNonRoot: true });
    expect(containerOf().securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('has a small place in memory for the socket that operators speak to', () => {
    const { containers, volumes } = named('Deployment').spec.template.spec;
    expect(containers[0].volumeMounts).toContainEqual({ name: 'tmp', mountPath: '/tmp' });
    expect(volumes).toContainEqual({ name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } });
  });

  it('is probed where it serves its metrics', () => {
    expect(containerOf().readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'metrics' });
    expect(containerOf().livenessProbe.httpGet.path).toBe('/healthz');
  });

  it.each<[string, Partial<K8sSyncDeploymentProps>, RegExp]>([
    [
      'a cluster that the fleet has not',
      { cluster: 'bc-x' },
      /\.cluster: "bc-x" is not in the fleet; it has bc-a, bc-b, bd-a/,
    ],
    [
      'an environment without gateways',
      { env: 'perf' },
      /\.env: the fleet has no gateways for "perf"; it has those of prod, qa/,
    ],
    ['an image without tag', { image: 'youzan-kube' }, /\.image: "youzan-kube" has no tag and no digest/],
    ['a namespace that is none', { namespace: 'A' }, /\.namespace: "A" is no DNS label/],
    ['a port that is none', { apiServer: { host: 'x', port: 0 } }, /\.apiServer\.port: 0 is no port/],
  ])('refuses %s', (_, more, message) => {
    expect(() => synth(more)).toThrow(message);
  });

  it('reaches a HAProxy over TCP, and needs no token for it', () => {
    const haproxy = { kind: 'haproxy', name: 'h', idc: 'bc', socket: '10.77.0.9:9999', map: '/etc/haproxy/m' } as const;
    const parsed = parseFleetYaml(
      Object.values(named('ConfigMap', { fleet: { ...fleet, gateways: { prod: [haproxy] } } }).data!)[0]!,
      { file: 'f' },
    );
    expect(parsed.gateways).toEqual({ prod: [haproxy] });
    const local = { ...haproxy, socket: '/run/haproxy.sock' };
    expect(() => synth({ fleet: { ...fleet, gateways: { prod: [local] } } })).toThrow(
      /\.fleet: h has a socket of its own machine; a pod needs host:port/,
    );
  });

  it('refuses a gateway whose token is in a file, which no pod has', () => {
    const gateways = { prod: [{ name: 'bc-1', idc: 'bc', url: 'http://10.77.0.9:9000', tokenFile: '/secret/token' }] };
    expect(() => synth({ fleet: { ...fleet, gateways } })).toThrow(
      /\.fleet: bc-1 has no tokenEnv; a pod has no other way/,
    );
  });
});
