import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { refuseProps } from '../app/refuse.js';
import { type Conventions, youzanConventions } from '../../src/conventions/index.js';
import { jsonOf } from '../pod/json.js';
import { syncDeploymentFindings } from './check-sync-deployment.js';
import { PlatformAccess } from './platform-access.js';

/** What the syncer needs to know of a fleet: the `Fleet` of `parseFleetYaml` and `defineFleet` is one. */
export interface SyncFleet {
  readonly clusters: readonly { readonly name: string; readonly idc: string; readonly version: string }[];
  /** By environment. */
  readonly gateways: Readonly<Record<string, readonly SyncFleetGateway[]>>;
}

/** `kind` defaults to `yz7`. */
export type SyncFleetGateway =
  | {
      readonly kind?: 'yz7';
      readonly name: string;
      readonly idc: string;
      readonly url: string;
      readonly tokenEnv?: string;
    }
  | {
      readonly kind: 'haproxy';
      readonly name: string;
      readonly idc: string;
      /** `host:port`: a pod has no socket of another machine. */
      readonly socket: string;
      readonly map: string;
    };

export interface K8sSyncDeploymentProps {
  readonly fleet: SyncFleet;
  /** The standard environment, whose gateways it writes to: all of them, a queue each. */
  readonly env: string;
  /** The cluster that it runs in and syncs. */
  readonly cluster: string;
  /** Of the syncer, its Lease and its account. */
  readonly namespace: string;
  /** An image with the command line `youzan-kube` in it, with tag or digest. */
  readonly image: string;
  /** How the image starts it. Default: `['youzan-kube']`. */
  readonly command?: readonly string[];
  /** A Secret of the namespace with the gateways' tokens, by the fleet's `tokenEnv`. */
  readonly tokenSecret: string;
  /** The only namespace whose apps it sees. Default: all. */
  readonly appNamespace?: string;
  /** The load balancer before the API servers. Default: the cluster's own Service `kubernetes`. */
  readonly apiServer?: { readonly host: string; readonly port: number };
  /** Default: requests of 100m and 128Mi, a limit of 512Mi. */
  readonly resources?: {
    readonly requests: { readonly cpu: string; readonly memory: string };
    readonly limits: { readonly memory: string };
  };
  /** Of all its objects. Default: `k8s-sync`. */
  readonly name?: string;
  /** Default: Youzan's. */
  readonly conventions?: Conventions;
}

const metricsPort = 9464;
const fleetFolder = '/etc/youzan';
/** Where the socket for operators' commands is made; nothing else is ever written. */
const temporary = { name: 'tmp', mountPath: '/tmp' };
/** Longer than a syncer needs to let writes end and to give its Lease back. */
const graceSeconds = 15;
const defaultResources = { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } };

/**
 * k8s-sync in the cluster that it syncs: two replicas, of which the one with the Lease writes and the other stands by, on
 * nodes of their own; the least rights; probes; a budget for drains. It sees its own cluster only, by its service account,
 * so that a cluster in trouble takes nothing but its own syncer along.
 *
 * @throws YouzanKubeError `PROPS_INVALID` with every finding and the construct's path.
 *
 * @example
 * new K8sSyncDeployment(chart, 'syncer', {
 *   fleet: parseFleetYaml(readFileSync('fleet.yaml', 'utf8'), { file: 'fleet.yaml' }),
 *   env: 'prod',
 *   cluster: 'bc-a',
 *   namespace: 'youzan-system',
 *   image: 'registry.example/youzan-kube:0.1.0',
 *   tokenSecret: 'gateway-tokens',
 * });
 */
export class K8sSyncDeployment extends Construct {
  readonly access: PlatformAccess;
  readonly deployment: ApiObject;

  constructor(scope: Construct, id: string, props: K8sSyncDeploymentProps) {
    super(scope, id);
    refuseProps(this, syncDeploymentFindings(props));
    const { namespace, name = 'k8s-sync', conventions = youzanConventions, appNamespace } = props;
    const selector = { [conventions.labels.name]: name };
    const labels = { ...selector, [conventions.labels.managedBy]: conventions.managedBy };
    const metadata = { name, namespace, labels };
    this.access = new PlatformAccess(this, 'access', {
      role: 'k8s-sync',
      namespace,
      name,
      ...(appNamespace !== undefined && { appNamespaces: [appNamespace] }),
    });
    const fleet = { 'fleet.yaml': `${JSON.stringify(fleetOf(props), undefined, 2)}\n` };
    new ApiObject(this, 'fleet', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: fleet });
    new ApiObject(this, 'budget', {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { maxUnavailable: 1, selector: { matchLabels: selector } },
    });
    const spec: unknown = k8s.toJson_DeploymentSpec({
      // Nobody scales it: one writes, and one more stands by.
      replicas: 2,
      selector: { matchLabels: selector },
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
      },
      template: { metadata: { labels }, spec: podSpec(props, name, selector) },
    });
    this.deployment = new ApiObject(this, 'deployment', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: jsonOf(spec),
    });
  }
}

function podSpec(props: K8sSyncDeploymentProps, name: string, selector: Record<string, string>): k8s.PodSpec {
  const { image, command = ['youzan-kube'], resources = defaultResources } = props;
  const quantities = (amounts: Record<string, string>): Record<string, k8s.Quantity> =>
    Object.fromEntries(Object.entries(amounts).map(([key, text]) => [key, k8s.Quantity.fromString(text)]));
  const probe = (path: string): k8s.Probe => ({
    httpGet: { path, port: k8s.IntOrString.fromString('metrics') },
    periodSeconds: 5,
    timeoutSeconds: 3,
  });
  return {
    serviceAccountName: name,
    terminationGracePeriodSeconds: graceSeconds,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: selector } },
          },
        ],
      },
    },
    containers: [
      {
        name: 'k8s-sync',
        image,
        command: [...command, ...argumentsOf(props, name)],
        env: variablesOf(props),
        ports: [{ name: 'metrics', containerPort: metricsPort, protocol: 'TCP' }],
        readinessProbe: probe('/readyz'),
        livenessProbe: { ...probe('/healthz'), failureThreshold: 6 },
        resources: { requests: quantities(resources.requests), limits: quantities(resources.limits) },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'fleet', mountPath: fleetFolder, readOnly: true }, temporary],
      },
    ],
    volumes: [
      { name: 'fleet', configMap: { name } },
      { name: temporary.name, emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('1Mi') } },
    ],
  };
}

function argumentsOf({ env, cluster, namespace, appNamespace }: K8sSyncDeploymentProps, name: string): string[] {
  return [
    ...['sync', '--fleet', `${fleetFolder}/fleet.yaml`, '--environment', env],
    ...['--cluster', cluster, '--in-cluster', '--lease', `${namespace}/${name}`],
    ...(appNamespace === undefined ? [] : ['--namespace', appNamespace]),
    ...['--metrics-host', '0.0.0.0', '--metrics-port', String(metricsPort)],
  ];
}

function variablesOf({ fleet, env, tokenSecret, apiServer }: K8sSyncDeploymentProps): k8s.EnvVar[] {
  const names = (fleet.gateways[env] ?? []).flatMap((gateway) =>
    gateway.kind === 'haproxy' ? [] : (gateway.tokenEnv ?? []),
  );
  const tokens = [...new Set(names)].map((name) => ({
    name,
    valueFrom: { secretKeyRef: { name: tokenSecret, key: name } },
  }));
  if (apiServer === undefined) return tokens;
  return [
    { name: 'KUBERNETES_SERVICE_HOST', value: apiServer.host },
    { name: 'KUBERNETES_SERVICE_PORT', value: String(apiServer.port) },
    ...tokens,
  ];
}

/** The fleet.yaml: JSON is YAML. All clusters stand in it, for a gateway's IDC must be one of the fleet's. */
function fleetOf({ fleet, env }: K8sSyncDeploymentProps): object {
  const idcs = new Map<string, Record<string, { version: string }>>();
  for (const { name, idc, version } of fleet.clusters) idcs.set(idc, { ...idcs.get(idc), [name]: { version } });
  const gateways = (fleet.gateways[env] ?? []).map((gateway) => {
    const { name, idc } = gateway;
    if (gateway.kind === 'haproxy') return { kind: gateway.kind, name, idc, socket: gateway.socket, map: gateway.map };
    const { url, tokenEnv } = gateway;
    return { name, idc, url, ...(tokenEnv !== undefined && { tokenEnv }) };
  });
  return {
    idcs: Object.fromEntries([...idcs].map(([idc, clusters]) => [idc, { clusters }])),
    environments: { [env]: { gateways } },
  };
}
