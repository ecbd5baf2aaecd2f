import { groupOf, isServing, type Server, serverKey, serverOf } from '../../members/index.js';
import { evidenceOf, type Ground, isGone, membersOf, type RemovalReason } from './evidence.js';
import { guardOf, isCutOff, isDoubted, isProven, refusalOf } from './guards.js';
import { withheldOf } from './holds.js';
import type { GuardName, Hold } from './state.js';
import { underOrder } from './traffic.js';

/** What one gateway instance should have of our source, now. */
export interface Decision {
  /** Sorted by key. */
  readonly servers: readonly Server[];
  readonly holds: Readonly<Record<string, Hold>>;
  /** Groups of the servers that go without proof, by key, for the guard's window. */
  readonly losses: Readonly<Record<string, string>>;
  /** Servers that go, are drained, or leave their group, for journal and explanations. */
  readonly removals: readonly {
    readonly key: string;
    readonly to: 'drain' | 'deleted' | 'moved';
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
 * member is gone. Without sight nothing is removed. All of it goes by the cluster's full traffic; an order on less of it is
 * applied last.
 */
export function decide(ground: Ground): Decision {
  return new Deciding(ground).result();
}

class Deciding {
  readonly #ground: Ground;
  readonly #kept = new Map<string, Server>();
  readonly #ending: Candidate[] = [];
  readonly #chosen: Candidate[] = [];
  readonly #removals: { key: string; to: 'drain' | 'deleted' | 'moved'; reason: RemovalReason }[] = [];
  readonly #holds: Record<string, Hold> = {};
  readonly #losses: Record<string, string> = {};
  #proven = true;
  #wakeAt: number | null = null;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  result(): Decision {
    const { config, placed } = this.#ground;
    for (const [key, member] of Object.entries(membersOf(this.#ground))) {
      if (!member.ready || member.terminating || isGone(this.#ground, key)) continue;
      if (isDoubted(this.#ground, key, member)) this.#withhold(key, groupOf(serverOf(member, 'up')));
      else this.#keep(serverOf(member, 'up', config.weight));
    }
    for (const server of placed.servers) if (!this.#kept.has(serverKey(server))) this.#consider(server);
    this.#decideMoves();
    for (const group of groupsOf([...this.#ending, ...this.#chosen])) this.#decideGroup(group);
    return {
      servers: this.#wanted(),
      holds: this.#holds,
      losses: this.#losses,
      removals: this.#removals,
      wakeAt: this.#wakeAt,
      proven: this.#proven,
    };
  }

  #wanted(): readonly Server[] {
    const servers = [...this.#kept].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, server]) => server);
    return underOrder(this.#ground, servers);
  }

  #keep(server: Server): void {
    this.#kept.set(serverKey(server), server);
  }

  /** Not added; what a gateway has already stays. */
  #withhold(key: string, group: string): void {
    const { upstream, now } = this.#ground;
    const name = withheldOf(group);
    const servers = [...(this.#holds[name]?.servers ?? []), key].sort();
    this.#holds[name] = { guard: 'port', servers, since: upstream.holds[name]?.since ?? now };
  }

  #wake(at: number | undefined): void {
    if (at !== undefined && (this.#wakeAt === null || at < this.#wakeAt)) this.#wakeAt = at;
  }

  /** A server that the gateway has and that is not up by its member's word. */
  #consider(server: Server): void {
    const key = serverKey(server);
    const evidence = evidenceOf(this.#ground, server);
    switch (evidence.verdict) {
      case 'keep':
        this.#wake(evidence.lookAgainAt);
        this.#keep(server);
        break;
      case 'delete':
        this.#removals.push({ key, to: 'deleted', reason: evidence.reason });
        break;
      case 'ends':
        this.#ending.push({ server, key, reason: evidence.reason });
        break;
      case 'may-go':
        this.#chosen.push({ server, key, reason: evidence.reason });
        break;
    }
  }

  /** A ready member whose color or service chain has changed is lost to its group: that needs sight, and is guarded. */
  #decideMoves(): void {
    const moved = this.#ground.placed.servers.flatMap((server): Candidate[] => {
      const key = serverKey(server);
      const kept = this.#kept.get(key);
      const isMoved = kept !== undefined && isServing(server) && groupOf(kept) !== groupOf(server);
      return isMoved ? [{ server, key, reason: 'moved' }] : [];
    });
    for (const group of groupsOf(moved)) {
      const candidates = moved.filter(({ server }) => groupOf(server) === group);
      if (!this.#ground.sight.mayRemove) for (const { server } of candidates) this.#keep(server);
      else if (!this.#isHeld(group, candidates, this.#ready(group))) {
        for (const { key, reason } of candidates) this.#removals.push({ key, to: 'moved', reason });
        this.#noteLosses(group, candidates);
      }
    }
  }

  #decideGroup(group: string): void {
    const inGroup = ({ server }: Candidate): boolean => groupOf(server) === group;
    const isCut = ({ server }: Candidate): boolean => isCutOff(this.#ground, server);
    const { members } = this.#ground.upstream;
    const cutOff = [...this.#ending, ...this.#chosen].filter(inGroup).filter(isCut);
    if (cutOff.length > 0) this.#hold('nodes', group, cutOff);
    const ending = this.#ending.filter(inGroup).filter((candidate) => !isCut(candidate));
    const chosen = this.#chosen.filter(inGroup).filter((candidate) => !isCut(candidate));
    const ready = this.#ready(group);
    // Terminating members that still serve stay up when nobody else does.
    const lastOnes = ready > 0 ? [] : ending.filter(({ key }) => members[key]?.serving === true);
    for (const { server } of lastOnes) this.#keep(server);
    const remaining = ready + lastOnes.length;
    const leaving = ending.filter((candidate) => !lastOnes.includes(candidate));
    const isRefused = refusalOf(this.#ground) !== undefined && !this.#areProven(leaving);
    if (remaining > 0 && !isRefused) {
      for (const candidate of leaving) this.#take(candidate);
      this.#takeChosen(group, chosen, remaining);
    } else {
      this.#takeChosen(group, [...leaving, ...chosen], remaining);
    }
  }

  /** Ready members of a group; what is only kept until its absence is certain may not serve any more. */
  #ready(group: string): number {
    const members = membersOf(this.#ground);
    return [...this.#kept].filter(([key, server]) => {
      return groupOf(server) === group && isServing(server) && members[key]?.ready === true;
    }).length;
  }

  /** Removals that pass the guards or wait: for confirmed adds, for proof, for an operator. */
  #takeChosen(group: string, candidates: readonly Candidate[], remaining: number): void {
    if (candidates.length === 0 || this.#isHeld(group, candidates, remaining)) return;
    if (!this.#addsConfirmed()) {
      for (const { server } of candidates) this.#keep(server);
      return;
    }
    this.#noteLosses(group, candidates);
    for (const candidate of candidates) this.#take(candidate);
  }

  /** True when a guard holds a removal: then all of it stays as it was. */
  #isHeld(group: string, candidates: readonly Candidate[], remaining: number): boolean {
    if (this.#areProven(candidates)) return false;
    const keys = candidates.map(({ key }) => key);
    const isBack = (server: Server): boolean => isServing(server) && groupOf(server) === group;
    const back = new Set([...this.#kept].flatMap(([key, server]) => (isBack(server) ? [key] : [])));
    const guard = guardOf(this.#ground, { group, keys, remaining, back });
    if (guard === undefined) return false;
    this.#wake(refusalOf(this.#ground)?.until);
    this.#hold(guard, group, candidates);
    return true;
  }

  #hold(guard: GuardName, group: string, candidates: readonly Candidate[]): void {
    for (const { server } of candidates) this.#keep(server);
    const { upstream, now } = this.#ground;
    const former = this.#holds[group];
    const servers = [...(former?.servers ?? []), ...candidates.map(({ key }) => key)].sort();
    this.#holds[group] = { guard: former?.guard ?? guard, servers, since: upstream.holds[group]?.since ?? now };
  }

  #areProven(candidates: readonly Candidate[]): boolean {
    return candidates.every(({ server }) => isProven(this.#ground, server));
  }

  #noteLosses(group: string, candidates: readonly Candidate[]): void {
    if (this.#areProven(candidates)) return;
    this.#proven = false;
    for (const { key } of candidates) this.#losses[key] = group;
  }

  #addsConfirmed(): boolean {
    const { servers, unconfirmed } = this.#ground.placed;
    const known = new Map(servers.map((server) => [serverKey(server), server]));
    const added = this.#wanted().some((server) => {
      const former = known.get(serverKey(server));
      return isServing(server) && (former === undefined || !isServing(former));
    });
    return !added && unconfirmed.length === 0;
  }

  #take({ server, key, reason }: Candidate): void {
    const { config, upstream } = this.#ground;
    const drains = config.rules.drain && upstream.proofs[key] !== 'gone';
    if (drains) this.#keep({ ...server, state: 'drain' });
    this.#removals.push({ key, to: drains ? 'drain' : 'deleted', reason });
  }
}

const groupsOf = (candidates: readonly Candidate[]): string[] => [
  ...new Set(candidates.map(({ server }) => groupOf(server))),
];
