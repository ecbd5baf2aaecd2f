// What an operator's order on the cluster's traffic makes of its servers.
import { isServing, type Server, serverKey } from '../../members/index.js';
import type { Ground } from './evidence.js';

/** Of a server that is up at a share of the traffic; never 0, for that would be a drain. */
export const weightAt = (weight: number, percent: number): number => Math.max(1, Math.round((weight * percent) / 100));

/** The servers that are wanted at 100 %, as they are wanted under the order that stands. */
export function underOrder(ground: Ground, servers: readonly Server[]): readonly Server[] {
  const { traffic, config } = ground;
  if (traffic?.percent === null) return asThere(ground, servers);
  const percent = traffic?.percent ?? 100;
  return servers.map((server) => {
    if (!isServing(server)) return server;
    if (percent === 0) return { ...server, state: 'drain' };
    if (percent === 100 && server.weight === config.weight) return server;
    // What no slice ever had may have a weight that somebody chose.
    const full = hasMember(ground, server) ? config.weight : server.weight;
    const weight = percent === 100 ? full : Math.min(server.weight, weightAt(config.weight, percent));
    return weight === server.weight ? server : { ...server, weight };
  });
}

function hasMember({ upstream }: Ground, server: Server): boolean {
  const key = serverKey(server);
  return upstream.members[key] !== undefined || upstream.absent[key]?.member != null;
}

/** The order is not known: what is drained stays drained, and what is new gets what the others have. */
function asThere({ placed }: Ground, servers: readonly Server[]): readonly Server[] {
  const present = new Map(placed.servers.map((server) => [serverKey(server), server]));
  const serving = placed.servers.filter(isServing);
  if (placed.servers.length === 0) return servers;
  const most = Math.max(...serving.map(({ weight }) => weight));
  return servers.map((server) => {
    if (!isServing(server)) return server;
    if (serving.length === 0) return { ...server, state: 'drain' };
    const own = present.get(serverKey(server));
    return { ...server, weight: own !== undefined && isServing(own) ? own.weight : most };
  });
}
