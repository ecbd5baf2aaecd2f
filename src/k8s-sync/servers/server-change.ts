import { groupOf, isServing, type Server, serverAddress, serverKey } from '../../members/index.js';
import { isSameServer } from '../../members/server.js';
import { guardAgainst, type SyncGuards } from '../core/index.js';

/** Serving servers of one color and service chain that would go all at once. */
export interface HeldServers {
  readonly guard: 'empty' | 'shrink';
  /** Addresses of those that would go. */
  readonly servers: readonly string[];
}

/** How one upstream of a source comes from what is there to what is wanted. */
export interface ServerChange {
  /** Addresses, as `ip:port`. `drain` are those that serve and leave, `remove` all that leave. */
  readonly add: readonly string[];
  readonly change: readonly string[];
  readonly drain: readonly string[];
  readonly remove: readonly string[];
  /** What a guard says of it; null when none does. */
  readonly held: HeldServers | null;
  /**
   * The lists on the way: everything that comes, then without what stops serving (who leaves is drained), then the wanted
   * one. Each is written when every worker has the one before.
   */
  readonly lists: readonly [readonly Server[], readonly Server[], readonly Server[]];
}

/** Decides the way from `present` to `wanted`; pure. */
export function serverChange(present: readonly Server[], wanted: readonly Server[], guards: SyncGuards): ServerChange {
  const had = new Map(present.map((server) => [serverKey(server), server]));
  const wants = new Map(wanted.map((server) => [serverKey(server), server]));
  const losing = present.filter((server) => isLost(server, wants.get(serverKey(server))));
  const lost = new Set(losing.map(serverKey));
  const leaving = present.filter((server) => !wants.has(serverKey(server)));
  const coming = wanted.map((server) => {
    const former = had.get(serverKey(server));
    return former !== undefined && lost.has(serverKey(server)) ? former : server;
  });
  const drained = leaving.map((server): Server => (server.state === 'up' ? { ...server, state: 'drain' } : server));
  return {
    add: wanted.filter((server) => !had.has(serverKey(server))).map(serverAddress),
    change: wanted.filter((server) => isChanged(had.get(serverKey(server)), server)).map(serverAddress),
    drain: leaving.filter(isServing).map(serverAddress),
    remove: leaving.map(serverAddress),
    held: heldOf(losing, wanted, guards),
    lists: [[...coming, ...leaving], [...wanted, ...drained], [...wanted]],
  };
}

/** A server that serves, and in its group will not any more. */
const isLost = (server: Server, next: Server | undefined): boolean =>
  isServing(server) && (next === undefined || !isServing(next) || groupOf(next) !== groupOf(server));

const isChanged = (former: Server | undefined, next: Server): boolean =>
  former !== undefined && !isSameServer(former, next);

function heldOf(losing: readonly Server[], wanted: readonly Server[], guards: SyncGuards): HeldServers | null {
  const groups = [...new Set(losing.map(groupOf))];
  const held = groups.flatMap((group) => {
    const going = losing.filter((server) => groupOf(server) === group);
    const remaining = wanted.filter((server) => isServing(server) && groupOf(server) === group).length;
    const guard = guardAgainst({ lost: going.length, remaining }, guards);
    return guard === undefined ? [] : [{ guard, servers: going.map(serverAddress) }];
  });
  const [first] = held;
  return first === undefined ? null : { guard: first.guard, servers: held.flatMap(({ servers }) => servers) };
}
