import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { refuseProps } from '../app/refuse.js';
import { findingsError, type Finding, isDnsLabel, youzanConventions } from '../../src/conventions/index.js';
import type { MacvlanAttachment } from '../pod/network.js';
import type { AddressPlan } from './address-plan.js';
import { type AddressRange, rangeSize } from './address-range.js';

export interface MacvlanNetworkProps {
  /** Of the NetworkAttachmentDefinition, which pods ask for. */
  readonly name: string;
  readonly namespace: string;
  /** The nodes' interface on the IDC's layer 2: `bond0`, or `bond0.12` in a VLAN. */
  readonly master: string;
  /** From `defineAddressPlan`. */
  readonly plan: AddressPlan;
  /** Whose range of the plan. */
  readonly cluster: string;
  /** In the place of the cluster's range: a fixed pool of the plan. Default: none. */
  readonly pool?: string;
  /** Where pods send what is not for the subnet. Default: by the plan's gateway, where it has one. */
  readonly routes?: readonly { readonly to: string; readonly by?: string }[];
}

/**
 * A macvlan network for pods: a NetworkAttachmentDefinition, as Multus reads it. Its addresses are the cluster's of the
 * IDC's address plan, or those of a fixed pool.
 *
 * - One range for all nodes is given out by the IPAM plugin whereabouts, which keeps in the API what is given.
 * - A range for each node is given out by host-local on the node. The NetworkAttachmentDefinition then has no config: each
 *   node has its own in a file of the network's name, which {@link nodeNetworkConfig} makes.
 *
 * @throws YouzanKubeError `PROPS_INVALID` with every finding and the construct's path.
 *
 * @example
 * const network = new MacvlanNetwork(chart, 'network', { name: 'bc-flat', namespace: 'youzan-system', master: 'bond0', plan, cluster: 'bc-a' });
 * new YouzanApp(chart, 'trade-core', { ...props, macvlan: network.attachment({ as: 'second' }) });
 */
export class MacvlanNetwork extends Construct {
  readonly definition: ApiObject;
  /** How many pods can have an address at a time. */
  readonly addresses: number;
  readonly #name: string;

  constructor(scope: Construct, id: string, props: MacvlanNetworkProps) {
    super(scope, id);
    refuseProps(this, networkFindings(props));
    const { name, namespace, plan, cluster } = props;
    const ranges = rangesOf(props);
    this.#name = `${namespace}/${name}`;
    this.addresses = ranges.reduce((sum, range) => sum + rangeSize(range), 0);
    this.definition = new ApiObject(this, 'definition', {
      apiVersion: 'k8s.cni.cncf.io/v1',
      kind: 'NetworkAttachmentDefinition',
      metadata: {
        name,
        namespace,
        labels: {
          [youzanConventions.labels.managedBy]: youzanConventions.managedBy,
          [youzanConventions.labels.idc]: plan.idc,
          [youzanConventions.labels.cluster]: cluster,
        },
      },
      spec: perNode(props) ? {} : { config: JSON.stringify(config(props, whereabouts(props, ranges))) },
    });
  }

  /** For an app's `macvlan`: as the pods' only network (`default`), or beside the cluster's own. */
  attachment({ as }: Pick<MacvlanAttachment, 'as'> = {}): MacvlanAttachment {
    return { network: this.#name, ...(as === undefined ? {} : { as }), addresses: this.addresses };
  }
}

/**
 * What a node has in its folder of CNI configs for a network whose plan gives each node a range: the file's name and text.
 *
 * @throws YouzanKubeError `PROPS_INVALID` when the props are not valid, or the plan has no range for this node.
 *
 * @example
 * const { file, text } = nodeNetworkConfig(props, 'bc-b-1'); // file: 'bc-flat.conf', for /etc/cni/multus/net.d
 */
export function nodeNetworkConfig(
  props: MacvlanNetworkProps,
  node: string,
): { readonly file: string; readonly text: string } {
  const findings = networkFindings(props);
  const part = props.plan.clusters[props.cluster];
  const range = part !== undefined && 'nodes' in part && props.pool === undefined ? part.nodes[node] : undefined;
  if (findings.length === 0 && range === undefined)
    findings.push({ path: 'plan', message: `has no range for ${node} of ${props.cluster}` });
  if (findings.length > 0 || range === undefined)
    throw findingsError('PROPS_INVALID', `the network ${props.name} is not valid`, findings);
  const { subnet, gateway } = props.plan;
  const ipam = {
    type: 'host-local',
    ranges: [[{ subnet, rangeStart: range.first, rangeEnd: range.last, ...(gateway && { gateway }) }]],
    ...routesOf(props),
  };
  return { file: `${props.name}.conf`, text: `${JSON.stringify(config(props, ipam), undefined, 2)}\n` };
}

function perNode({ plan, cluster, pool }: MacvlanNetworkProps): boolean {
  const part = plan.clusters[cluster];
  return pool === undefined && part !== undefined && 'nodes' in part;
}

/** Pods of one node reach each other in mode bridge only. */
function config({ name, master }: MacvlanNetworkProps, ipam: object): object {
  return { cniVersion: '0.4.0', name, type: 'macvlan', master, mode: 'bridge', ipam };
}

function whereabouts(props: MacvlanNetworkProps, ranges: readonly AddressRange[]): object {
  const { subnet, gateway } = props.plan;
  const range = ranges[0];
  return {
    type: 'whereabouts',
    range: subnet,
    ...(range && { range_start: range.first, range_end: range.last }),
    ...(gateway && { gateway }),
    ...routesOf(props),
  };
}

function routesOf({ routes, plan: { gateway, subnet } }: MacvlanNetworkProps): { readonly routes?: readonly object[] } {
  const all = subnet.includes(':') ? '::/0' : '0.0.0.0/0';
  const list = routes ?? (gateway === undefined ? [] : [{ to: all, by: gateway }]);
  return list.length === 0 ? {} : { routes: list.map(({ to, by }) => ({ dst: to, ...(by && { gw: by }) })) };
}

function rangesOf({ plan, cluster, pool }: MacvlanNetworkProps): readonly AddressRange[] {
  const part = pool === undefined ? plan.clusters[cluster] : plan.pools?.[pool];
  if (part === undefined) return [];
  return 'nodes' in part ? Object.values(part.nodes) : [part];
}

function networkFindings(props: MacvlanNetworkProps): Finding[] {
  const { name, namespace, master, plan, cluster, pool } = props;
  const findings: Finding[] = [];
  for (const [path, value] of Object.entries({ name, namespace })) {
    if (!isDnsLabel(value)) findings.push({ path, message: `"${value}" is no DNS label that starts with a letter` });
  }
  // Linux: 15 characters, no blanks, no slash.
  if (!/^[^\s/]{1,15}$/.test(master))
    findings.push({ path: 'master', message: `"${master}" is no interface: 1 to 15 characters, no blanks, no slash` });
  const known = Object.keys(plan.clusters);
  if (!known.includes(cluster))
    findings.push({
      path: 'cluster',
      message: `"${cluster}" is not in the plan of ${plan.idc}; it has ${known.join(', ') || 'none'}`,
    });
  const pools = Object.keys(plan.pools ?? {});
  if (pool !== undefined && !pools.includes(pool))
    findings.push({
      path: 'pool',
      message: `"${pool}" is no pool of ${plan.idc}; it has ${pools.join(', ') || 'none'}`,
    });
  return findings;
}
