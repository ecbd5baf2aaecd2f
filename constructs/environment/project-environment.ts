import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { refuseProps } from '../app/refuse.js';
import { type Conventions, upstreamName, youzanConventions } from '../../src/conventions/index.js';
import { jsonOf } from '../pod/json.js';
import { environmentFindings } from './check-environment.js';
import type { Amounts, ProjectEnvironmentProps } from './project-environment-props.js';

const defaults = {
  quota: { cpu: '8', memory: '16Gi', pods: 50 },
  requests: { cpu: '100m', memory: '128Mi' },
  limits: { cpu: '1', memory: '1Gi' },
};

/** Which upstreams a service chain is known for, as a gateway's admin API takes it: `PUT /chains/{sc}`. */
export interface ServiceChain {
  readonly sc: string;
  readonly upstreams: readonly string[];
}

/**
 * A project environment: a namespace inside a standard environment's cluster that holds only the apps that a project
 * changes. A request that carries its service chain goes to its pods, and to the standard environment's for all other
 * apps; a request without never reaches it.
 *
 * It has a quota, defaults for containers that ask for nothing, a policy of who may send to its pods, the image pull
 * Secret for every pod, and a ConfigMap `service-chain` with the gateway's header rule. Its apps are made with
 * {@link ProjectEnvironment.place}.
 *
 * @throws YouzanKubeError `PROPS_INVALID` with every finding and the construct's path.
 *
 * @example
 * const project = new ProjectEnvironment(chart, 'f1', {
 *   sc: 'f1', env: 'qa', idc: 'bc', cluster: 'bc-a', owner: 'pay-team', apps: [spec],
 *   traffic: { namespaces: ['trade'], blocks: ['10.77.0.0/24'] },
 * });
 * new YouzanApp(chart, 'trade-core', { spec, image, version, ...project.place });
 */
export class ProjectEnvironment extends Construct {
  readonly namespace: string;
  readonly chain: ServiceChain;
  /** The props of an app's that say where it runs. */
  readonly place: {
    readonly namespace: string;
    readonly sc: string;
    readonly env: string;
    readonly idc: string;
    readonly cluster: string;
  };

  constructor(scope: Construct, id: string, props: ProjectEnvironmentProps) {
    super(scope, id);
    const { sc, env, idc, cluster, owner, conventions = youzanConventions } = props;
    const namespace = props.namespace ?? `${env}-${sc}`;
    refuseProps(this, environmentFindings(props, namespace, conventions));
    this.namespace = namespace;
    this.place = { namespace, sc, env, idc, cluster };
    this.chain = serviceChain(sc, props.apps, conventions);

    const keys = conventions.labels;
    const labels = {
      [keys.managedBy]: conventions.managedBy,
      [keys.cluster]: cluster,
      [keys.env]: env,
      [keys.idc]: idc,
      [keys.sc]: sc,
      [keys.owner]: owner,
    };
    const add = (part: string, apiVersion: string, kind: string, name: string, body: object): void => {
      const place = kind === 'Namespace' ? {} : { namespace };
      new ApiObject(this, part, { apiVersion, kind, metadata: { name, ...place, labels }, ...jsonOf(body) });
    };
    const { quota = defaults.quota, containerDefaults = defaults, imagePullSecret } = props;
    add('namespace', 'v1', 'Namespace', namespace, {});
    add('quota', 'v1', 'ResourceQuota', 'project', {
      spec: { hard: { 'requests.cpu': quota.cpu, 'requests.memory': quota.memory, pods: String(quota.pods) } },
    });
    add('limits', 'v1', 'LimitRange', 'project', { spec: containerLimits(containerDefaults) });
    add('traffic', 'networking.k8s.io/v1', 'NetworkPolicy', 'project', { spec: trafficPolicy(props) });
    add('chain', 'v1', 'ConfigMap', 'service-chain', {
      data: { header: conventions.serviceChainHeader, 'chain.json': JSON.stringify(this.chain) },
    });
    if (imagePullSecret === undefined) return;
    const { name, dockerConfigJson } = imagePullSecret;
    if (dockerConfigJson !== undefined) {
      const data = { '.dockerconfigjson': Buffer.from(dockerConfigJson).toString('base64') };
      add('pull-secret', 'v1', 'Secret', name, { type: 'kubernetes.io/dockerconfigjson', data });
    }
    // Pods that name no account run with this one.
    add('account', 'v1', 'ServiceAccount', 'default', { imagePullSecrets: [{ name }] });
  }
}

/**
 * The gateway's rule for a service chain: it is known for each upstream of these apps, with pods or without. A request of
 * the chain for one without pods fails; it never falls back to the standard environment.
 */
export function serviceChain(
  sc: string,
  apps: ProjectEnvironmentProps['apps'],
  conventions: Conventions = youzanConventions,
): ServiceChain {
  const upstreams = apps.flatMap(({ name, ports }) =>
    conventions.publishedRoles.filter((role) => Object.hasOwn(ports, role)).map((role) => upstreamName(name, role)),
  );
  return { sc, upstreams: upstreams.sort() };
}

function containerLimits({ requests, limits }: { readonly requests: Amounts; readonly limits: Amounts }): object {
  return { limits: [{ type: 'Container', defaultRequest: { ...requests }, default: { ...limits } }] };
}

/** Pods of the project, of the standard environment, and the gateways may send; the pods may send anywhere. */
function trafficPolicy({ traffic: { namespaces, blocks } }: ProjectEnvironmentProps): object {
  const peers: k8s.NetworkPolicyPeer[] = [
    { podSelector: {} },
    ...namespaces.map((name) => ({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
    })),
    ...blocks.map((cidr) => ({ ipBlock: { cidr } })),
  ];
  const spec: unknown = k8s.toJson_NetworkPolicySpec({
    podSelector: {},
    policyTypes: ['Ingress'],
    ingress: [{ from: peers }],
  });
  return jsonOf(spec);
}
