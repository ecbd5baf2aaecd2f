import { type Conventions, sourceName, upstreamName, youzanConventions } from '../conventions/index.js';
import type { Gateway } from '../gateways/index.js';
import { type KubeReader, resources } from '../kube/index.js';
import { decodeEndpointSlice, inOwnNetwork, membersOfSlices } from '../members/index.js';
import { comparePublished, type Published } from './compare.js';
import type { PodView, PublishScope } from './observation.js';
import { readGateway } from './read-gateway.js';
import {
  appSelector,
  type DeploymentObject,
  type PodObject,
  podViewOf,
  type ServiceObject,
  serviceViewOf,
  workloadViewOf,
} from './read-objects.js';

/** Where to look, and at what. */
export interface ObservePublishedOptions extends PublishScope {
  /** A client of the cluster; only reads are made. */
  readonly client: KubeReader;
  /** Every instance that the cluster's syncer writes to. */
  readonly gateways: readonly Gateway[];
  readonly idc: string;
  /** The cluster's name in the fleet. */
  readonly cluster: string;
  readonly conventions?: Conventions | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for each single call; default 5,000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * One observation: the pods, then slices and gateways, then the pods again, all by consistent reads, so the answer does
 * not depend on a cache or on the syncer's own word. Throws a `KubeError` when the cluster cannot be read; a gateway that
 * cannot is a reason in the answer.
 *
 * @example
 * const { published, reasons } = await observePublished({ client, gateways, idc: 'bc', cluster: 'bc-a', namespace: 'trade', app: 'trade-core' });
 */
export async function observePublished(options: ObservePublishedOptions): Promise<Published> {
  const { client, gateways, idc, cluster, conventions = youzanConventions, signal, timeoutMs = 5000 } = options;
  const { namespace, app, color, sc, templateHash } = options;
  const scope: PublishScope = { namespace, app, color, sc, templateHash };
  const list = { namespace, labelSelector: appSelector(scope, conventions), signal, timeoutMs };
  const upstreams = conventions.publishedRoles.map((role) => upstreamName(app, role));
  const listPods = async (): Promise<PodView[]> => {
    const { items } = await client.list<PodObject>(resources.pods, list);
    return items.map((pod) => podViewOf(pod, conventions)).filter((view) => view !== undefined);
  };

  const [services, deployments, podsBefore] = await Promise.all([
    client.list<ServiceObject>(resources.services, list),
    client.list<DeploymentObject>(resources.deployments, list),
    listPods(),
  ]);
  const [slices, views] = await Promise.all([
    client.list(resources.endpointSlices, list),
    Promise.all(
      gateways.map((gateway) => readGateway(gateway, sourceName(idc, cluster), upstreams, { signal, timeoutMs })),
    ),
  ]);
  const podsAfter = await listPods();

  const addresses = new Map(podsBefore.map(({ uid, networkAddresses }) => [uid, networkAddresses]));
  const records = slices.items
    .map((slice) => decodeEndpointSlice(slice, conventions))
    .filter((record) => record !== undefined)
    .map((record) => inOwnNetwork(record, (uid) => addresses.get(uid)));
  return comparePublished({
    scope,
    services: services.items.map((one) => serviceViewOf(one, scope, conventions)).filter((view) => view !== undefined),
    workloads: deployments.items
      .map((one) => workloadViewOf(one, scope, conventions))
      .filter((view) => view !== undefined),
    podsBefore,
    members: membersOfSlices(records).filter(
      (member) => (color === undefined || member.color === color) && (sc === undefined || member.sc === sc),
    ),
    gateways: views,
    podsAfter,
  });
}
