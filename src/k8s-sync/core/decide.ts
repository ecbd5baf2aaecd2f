import {
  type EndpointRecord,
  groupOf,
  isServing,
  type Member,
  type Server,
  serverAddress,
  serverKey,
  serverOf,
} from '../../members/index.js';
import type { SyncConfig } from './config.js';
import type { Hold, PlacedUpstream, SyncPhase, UpstreamState } from './state.js';

/** What a decision may do, from the health of the cluster. */
export interface Sight {
  readonly phase: SyncPhase;
  /** Live, watching, and not frozen by an operator. */
  readonly mayRemove: boolean;
  /** Every endpoint that any slice lists at an `ip:port`. */
  podsAt(address: string): readonly EndpointRecord[];
}

/** Why a server is no longer what it was. */
export type RemovalReason =
  'address-reused' | 'pod-gone' | 'drained' | 'terminating' | 'not-ready' | 'absent' | 'out-of-sight';

/** What one gateway instance should have of our source, now. */
export interface Decision {
  /** Sorted by key. */
  readonly servers: readonly Server[];
  readonly holds: Readonly<Record<string, Hold>>;
  /** Groups of the servers that go without proof, by key, for the guard's window. */
  readonly losses: Readonly<Record<string, string>>;
  /** Servers that go or are drained, for journal and explanations. */
  readonly removals: readonly {
    readonly key: string;
    readonly to: 'drain' | 'deleted';
    readonly reason: RemovalReason;
  }[];
  /** Look again at this time; null when nothing waits for time alone. */
  readonly wakeAt: number | null;
  /** True when everything that goes is proven or an operator's wish: reason enough to lift the gateway's own guard. */
  readonly proven: boolean;
}

interface Candidate {
  readonly server: Server;
  readonly key: string;
  readonly reason: RemovalReason;
}

/**
 * Decides what one instance should have. Adds come at once. A terminating member is drained at once unless nobody else
 * serves; every other removal waits until the adds are confirmed, passes the guards, is drained, and is deleted when its
 * member is gone. Without sight nothing is removed.
 */
export function decide(
  upstream: UpstreamState,
  placed: PlacedUpstream,
  sight: Sight,
  config: SyncConfig,
  now: number,
): Decision {
  return new Deciding(upstream, placed, sight, config, now).result();
}

class Deciding {
  readonly #kept = new Map<string, Server>();
  readonly #terminating: Candidate[] = [];
  readonly #chosen: Candidate[] = [];
  readonly #removals: { key: string; to: 'drain' | 'deleted'; reason: RemovalReason }[] = [];
  readonly #holds: Record<string, Hold> = {};
  readonly #losses: Record<string, string> = {};
  #proven = true;
  #wakeAt: number | null = null;

  constructor(
    private readonly upstream: UpstreamState,
    private readonly placed: PlacedUpstream,
    private readonly sight: Sight,
    private readonly config: SyncConfig,
    private readonly now: number,
  ) {}

  result(): Decision {
    const { members } = this.#seen();
    for (const [key, member] of Object.entries(members)) {
      if (member.ready && !member.terminating && !this.#isGone(key))
        this.#keep(serverOf(member, 'up', this.config.weight));
    }
    for (const server of this.placed.servers) {
      const key = serverKey(server);
      if (!this.#kept.has(key)) this.#consider(server, key, members[key]);
    }
    for (const group of new Set([...this.#terminating, ...this.#chosen].map(({ server }) => groupOf(server))))
      this.#decideGroup(group);
    const servers = [...this.#kept].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, server]) => server);
    return {
      servers,
      holds: this.#holds,
      losses: this.#losses,
      removals: this.#removals,
      wakeAt: this.#wakeAt,
      proven: this.#proven,
    };
  }

  /** With the evidence rule off, what cannot be seen counts as empty. */
  #seen(): { members: Readonly<Record<string, Member>>; mayRemove: boolean; blind: boolean } {
    const { phase } = this.sight;
    if (!this.config.rules.evidence && (phase === 'suspect' || phase === 'frozen'))
      return { members: {}, mayRemove: true, blind: true };
    return { members: this.upstream.members, mayRemove: this.sight.mayRemove, blind: false };
  }

  #keep(server: Server): void {
    this.#kept.set(serverKey(server), server);
  }

  #wake(at: number): void {
    if (this.#wakeAt === null || at < this.#wakeAt) this.#wakeAt = at;
  }

  /** A server that the gateway has and that is not up by its member's word. */
  #consider(server: Server, key: string, member: Member | undefined): void {
    const { mayRemove, blind } = this.#seen();
    if (!mayRemove) {
      this.#keep(server);
      return;
    }
    if (blind) {
      this.#chosen.push({ server, key, reason: 'out-of-sight' });
      return;
    }
    if (this.#isTaken(server)) this.#delete(key, 'address-reused');
    else if (this.#isGone(key)) this.#delete(key, 'pod-gone');
    else if (server.state === 'drain') this.#considerDrained(server, key, member);
    else if (member?.terminating === true) this.#terminating.push({ server, key, reason: 'terminating' });
    else if (member !== undefined) this.#chosen.push({ server, key, reason: 'not-ready' });
    else this.#considerAbsent(server, key);
  }

  /** A slice may have it for a while; a UID never comes back. */
  #isGone(key: string): boolean {
    return this.sight.mayRemove && this.upstream.proofs[key] === 'gone';
  }

  /** Another pod has the address: it is ready there, or it stands there and this one does not any more. */
  #isTaken(server: Server): boolean {
    const standing = this.sight.podsAt(serverAddress(server)).filter(({ terminating }) => !terminating);
    const own = standing.filter(({ uid }) => uid === server.uid);
    if (own.some(({ ready }) => ready)) return false;
    return standing.some(({ uid, ready }) => uid !== server.uid && (ready || own.length === 0));
  }

  /** A drained server stays as long as its member stands in a slice, then its grace. */
  #considerDrained(server: Server, key: string, member: Member | undefined): void {
    const drainedAt = this.placed.drainedAt[key];
    const deleteAt = drainedAt === undefined ? undefined : drainedAt + this.config.timings.drainGraceMs;
    if (member === undefined && deleteAt !== undefined && this.now >= deleteAt) {
      this.#delete(key, 'drained');
      return;
    }
    if (member === undefined && deleteAt !== undefined) this.#wake(deleteAt);
    this.#keep(server);
  }

  /** Endpoints move between slices: an absence that nothing announced is held for a while. */
  #considerAbsent(server: Server, key: string): void {
    const absent = this.upstream.absent[key];
    const heldUntil = (absent?.since ?? this.now) + this.config.timings.absenceHoldMs;
    if (absent?.member?.terminating === true) this.#terminating.push({ server, key, reason: 'absent' });
    else if (this.now >= heldUntil) this.#chosen.push({ server, key, reason: 'absent' });
    else {
      this.#wake(heldUntil);
      this.#keep(server);
    }
  }

  #decideGroup(group: string): void {
    const inGroup = ({ server }: { readonly server: Server }): boolean => groupOf(server) === group;
    // What is only kept until its absence is certain may not serve any more.
    const { members } = this.#seen();
    const isReady = ([key, server]: [string, Server]): boolean => members[key]?.ready === true && isServing(server);
    const serving = [...this.#kept].filter((entry) => inGroup({ server: entry[1] }) && isReady(entry)).length;
    const terminating = this.#terminating.filter(inGroup);
    const chosen = this.#chosen.filter(inGroup);
    // Terminating members that still serve stay up when nobody else does.
    const stillServing = (key: string): boolean => this.upstream.members[key]?.serving === true;
    const lastOnes = serving > 0 ? [] : terminating.filter(({ key }) => stillServing(key));
    for (const { server } of lastOnes) this.#keep(server);
    const remaining = serving + lastOnes.length;
    const ending = terminating.filter((candidate) => !lastOnes.includes(candidate));
    const isRefused = this.#refusal() !== undefined && !ending.every(({ key, server }) => this.#isProven(key, server));
    if (remaining > 0 && !isRefused) {
      for (const candidate of ending) this.#take(candidate);
      this.#takeChosen(group, chosen, remaining);
    } else {
      this.#takeChosen(group, [...ending, ...chosen], remaining);
    }
  }

  /** Removals that pass the guards or wait: for confirmed adds, for proof, for an operator. */
  #takeChosen(group: string, candidates: readonly Candidate[], remaining: number): void {
    if (candidates.length === 0) return;
    const proven = candidates.every(({ key, server }) => this.#isProven(key, server));
    const guard = proven ? undefined : this.#guardOf(group, candidates, remaining);
    if (guard !== undefined) {
      for (const { server } of candidates) this.#keep(server);
      const since = this.upstream.holds[group]?.since ?? this.now;
      this.#holds[group] = { guard, servers: candidates.map(({ key }) => key).sort(), since };
      return;
    }
    if (!this.#addsConfirmed()) {
      for (const { server } of candidates) this.#keep(server);
      return;
    }
    if (!proven) {
      this.#proven = false;
      for (const { key } of candidates) this.#losses[key] = group;
    }
    for (const candidate of candidates) this.#take(candidate);
  }

  #guardOf(group: string, candidates: readonly Candidate[], remaining: number): Hold['guard'] | undefined {
    const { guards, rules } = this.config;
    const refusal = this.#refusal();
    if (refusal !== undefined) return refusal;
    if (!rules.guards || this.#seen().blind) return undefined;
    if (remaining === 0) return 'empty';
    // A server counts once, at however many gateways and however often its removal is tried, unless it has come back.
    const recent = Object.entries(this.upstream.losses).filter(([key, loss]) => {
      const server = this.#kept.get(key);
      const isBack = server !== undefined && isServing(server);
      return loss.group === group && this.now - loss.at < guards.windowMs && !isBack;
    });
    const lost = new Set([...recent.map(([key]) => key), ...candidates.map(({ key }) => key)]).size;
    return lost > guards.alwaysAllowed && lost / (lost + remaining) > guards.maxShrinkRatio ? 'shrink' : undefined;
  }

  /** The gateway's own guard, as long as its window lasts. */
  #refusal(): Hold['guard'] | undefined {
    const { refused } = this.placed;
    if (refused === null) return undefined;
    const until = refused.at + this.config.guards.windowMs;
    if (this.now >= until) return undefined;
    this.#wake(until);
    return refused.guard;
  }

  /** A consistent look said that the pod is ending or gone, or that the Service is; or an operator said so. */
  #isProven(key: string, server: Server): boolean {
    const { proofs, servicesGone, members, absent, overridden } = this.upstream;
    if (overridden[key] !== undefined) return true;
    const proof = proofs[key];
    if (proof === 'gone' || proof === 'terminating' || proof === 'finished') return true;
    const member = members[key] ?? absent[key]?.member;
    return (
      member != null && member.uid === server.uid && servicesGone.includes(`${member.namespace}/${member.service}`)
    );
  }

  #addsConfirmed(): boolean {
    const known = new Map(this.placed.servers.map((server) => [serverKey(server), server]));
    const added = [...this.#kept].some(([key, server]) => {
      const former = known.get(key);
      return isServing(server) && (former === undefined || !isServing(former));
    });
    return !added && this.placed.unconfirmed.length === 0;
  }

  #take({ server, key, reason }: Candidate): void {
    if (!this.config.rules.drain || this.upstream.proofs[key] === 'gone') {
      this.#delete(key, reason);
      return;
    }
    this.#keep({ ...server, state: 'drain' });
    this.#removals.push({ key, to: 'drain', reason });
  }

  #delete(key: string, reason: RemovalReason): void {
    this.#removals.push({ key, to: 'deleted', reason });
  }
}
