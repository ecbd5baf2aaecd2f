import { sourceName, youzanConventions } from '../../conventions/index.js';
import { resources } from '../../kube/index.js';
import {
  decodeEndpointSlice,
  digestOf,
  membersOfSlices,
  type Server,
  serverOf,
  upstreamOf,
} from '../../members/index.js';
import type { Yz7Stats } from '../../testing/index.js';
import { clusterOf, idc, namespace, upstream, type World } from './world.js';

/** What the gateway has of one cluster. */
export async function gatewayServers(world: World, cluster: string): Promise<readonly Server[]> {
  const content = await world.gateway.readSource(upstream, sourceName(idc, cluster), { signal: world.signal });
  return content?.servers ?? [];
}

/** True when the gateway's digest of a cluster is the one computed from the cluster's endpoints, and it has `count` servers. */
export async function isSynced(world: World, cluster: string, count: number): Promise<true | string> {
  const { signal } = world;
  const { items } = await clusterOf(world, cluster).client.list(resources.endpointSlices, { namespace, signal });
  const slices = items
    .map((item) => decodeEndpointSlice(item, youzanConventions))
    .filter((slice) => slice !== undefined);
  const expected = membersOfSlices(slices)
    .filter((member) => upstreamOf(member) === upstream && member.ready && !member.terminating)
    .map((member) => serverOf(member, 'up'));
  const content = await world.gateway.readSource(upstream, sourceName(idc, cluster), { signal });
  if (expected.length !== count) return `${cluster}: ${expected.length} of ${count} ready endpoints`;
  if (content === undefined) return `${cluster}: the gateway has no source ${sourceName(idc, cluster)}`;
  if (content.digest !== digestOf(expected)) {
    return `${cluster}: the gateway has ${content.servers.map(({ ip, state }) => `${ip} ${state}`).join(', ') || 'nothing'}, the endpoints ${expected.map(({ ip }) => ip).join(', ')}`;
  }
  return true;
}

/** Writes of one source that reached the gateway, by its own count: accepted, unchanged and refused ones. */
export function sourceWrites(stats: Yz7Stats, source: string): number {
  const counts = stats.writes[source];
  if (counts === undefined) return 0;
  return counts.accepted + counts.unchanged + Object.values(counts.refused).reduce((sum, count) => sum + count, 0);
}
