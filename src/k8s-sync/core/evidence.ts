import { type EndpointRecord, type Member, type Server, serverAddress, serverKey } from '../../members/index.js';
import type { SyncConfig } from './config.js';
import type { PlacedUpstream, SyncPhase, TrafficOrder, UpstreamState } from './state.js';

/** What a decision may do, from the health of the cluster. */
export interface Sight {
  readonly phase: SyncPhase;
  /** Live, watching, and not frozen by an operator. */
  readonly mayRemove: boolean;
  /** Every endpoint that any slice lists at an `ip:port`. */
  podsAt(address: string): readonly EndpointRecord[];
  /** The node turned not ready together with others. */
  isLost(node: string): boolean;
  /** The nodes are yet to be seen; after this time that is not waited for. */
  readonly nodesAwaitedUntil: number;
}

/** All that a decision about one upstream at one instance rests on. */
export interface Ground {
  readonly upstream: UpstreamState;
  readonly placed: PlacedUpstream;
  readonly sight: Sight;
  readonly traffic: TrafficOrder | null;
  readonly config: SyncConfig;
  readonly now: number;
}

/** Why a server is no longer what it was. */
export type RemovalReason =
  'address-reused' | 'pod-gone' | 'drained' | 'terminating' | 'not-ready' | 'absent' | 'moved' | 'out-of-sight';

/** What the cluster says of a server that the gateway has and that no ready member stands for. */
export type Evidence =
  /** It stays; when time alone may change that, with the time. */
  | { readonly verdict: 'keep'; readonly lookAgainAt?: number }
  | { readonly verdict: 'delete'; readonly reason: RemovalReason }
  /** Its pod ends: it is drained at once, unless nobody else serves. */
  | { readonly verdict: 'ends'; readonly reason: RemovalReason }
  /** Its removal is our own choice, and waits. */
  | { readonly verdict: 'may-go'; readonly reason: RemovalReason };

const keep: Evidence = { verdict: 'keep' };

/** With the evidence rule off, what cannot be seen counts as empty. */
export function isBlind({ sight, config }: Ground): boolean {
  return !config.rules.evidence && (sight.phase === 'suspect' || sight.phase === 'frozen');
}

/** The members that a decision goes by. */
export function membersOf(ground: Ground): Readonly<Record<string, Member>> {
  return isBlind(ground) ? {} : ground.upstream.members;
}

/** A slice may have it for a while; a UID never comes back. */
export function isGone({ sight, upstream }: Ground, key: string): boolean {
  return sight.mayRemove && upstream.proofs[key] === 'gone';
}

export function evidenceOf(ground: Ground, server: Server): Evidence {
  if (isBlind(ground)) return { verdict: 'may-go', reason: 'out-of-sight' };
  if (!ground.sight.mayRemove) return keep;
  const key = serverKey(server);
  const member = ground.upstream.members[key];
  if (isTaken(ground, server)) return { verdict: 'delete', reason: 'address-reused' };
  if (isGone(ground, key)) return { verdict: 'delete', reason: 'pod-gone' };
  if (server.state === 'drain') return ofDrained(ground, key, member);
  if (member === undefined) return ofAbsent(ground, key);
  // Why it is not ready, or has to end, may be that its node was lost with others.
  const { nodesAwaitedUntil } = ground.sight;
  if (ground.now < nodesAwaitedUntil) return { verdict: 'keep', lookAgainAt: nodesAwaitedUntil };
  return member.terminating ? { verdict: 'ends', reason: 'terminating' } : { verdict: 'may-go', reason: 'not-ready' };
}

/** Another pod has the address: it is ready there, or it stands there and this one does not any more. */
function isTaken({ sight }: Ground, server: Server): boolean {
  const standing = sight.podsAt(serverAddress(server)).filter(({ terminating }) => !terminating);
  const own = standing.filter(({ uid }) => uid === server.uid);
  if (own.some(({ ready }) => ready)) return false;
  return standing.some(({ uid, ready }) => uid !== server.uid && (ready || own.length === 0));
}

/** A drained server stays as long as its member stands in a slice, then its grace. */
function ofDrained({ placed, config, now }: Ground, key: string, member: Member | undefined): Evidence {
  const drainedAt = placed.drainedAt[key];
  if (member !== undefined || drainedAt === undefined) return keep;
  const deleteAt = drainedAt + config.timings.drainGraceMs;
  return now >= deleteAt ? { verdict: 'delete', reason: 'drained' } : { verdict: 'keep', lookAgainAt: deleteAt };
}

/** Endpoints move between slices: an absence that nothing announced is held for a while. */
function ofAbsent({ upstream, config, now }: Ground, key: string): Evidence {
  const absent = upstream.absent[key];
  if (absent?.member?.terminating === true) return { verdict: 'ends', reason: 'absent' };
  const heldUntil = (absent?.since ?? now) + config.timings.absenceHoldMs;
  return now >= heldUntil ? { verdict: 'may-go', reason: 'absent' } : { verdict: 'keep', lookAgainAt: heldUntil };
}
