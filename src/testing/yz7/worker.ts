import http from 'node:http';
import { isServing, serverAddress, serverKey } from '../../members/server.js';
import { candidatesFor, destinationOf, type Asked, type Candidates, type Choice, type Nowhere } from './choose.js';
import type { EffectiveServer } from '../../gateways/gateway.js';
import { RoundRobin } from './round-robin.js';
import type { Snapshot } from './store.js';

/** Connections to one server, and the requests that run on them. */
export interface Pool {
  readonly agent: http.Agent;
  /** Cuts each request that is in flight. */
  readonly flights: Set<() => void>;
}

export interface Chosen {
  readonly upstream: string;
  readonly server: EffectiveServer;
  readonly pool: Pool;
}

/** Milliseconds until a worker adopts a new revision, or never. */
export type Lag = number | 'stuck';

const leastShare = 0.1;
const cachedChoices = 10_000;

/** A simulated worker process: a snapshot of its own, which it adopts after a delay, and its own connections. */
export class Worker {
  readonly name: string;
  readonly #idc: string;
  readonly #now: () => number;
  readonly #onApplied: () => void;
  #snapshot: Snapshot;
  #newest: Snapshot;
  #lag: Lag = 0;
  #appliedAt: number;
  readonly #pools = new Map<string, Pool>();
  /** upstream and server -> when it first served here. */
  readonly #since = new Map<string, number>();
  readonly #choices = new Map<string, Choice>();
  readonly #servers = new Map<string, RoundRobin<EffectiveServer>>();
  readonly #targets = new Map<string, RoundRobin<Candidates>>();

  constructor(name: string, idc: string, snapshot: Snapshot, now: () => number, onApplied: () => void) {
    this.name = name;
    this.#idc = idc;
    this.#now = now;
    this.#onApplied = onApplied;
    this.#snapshot = snapshot;
    this.#newest = snapshot;
    this.#appliedAt = now();
  }

  get appliedRevision(): number {
    return this.#snapshot.revision;
  }

  get ageMs(): number {
    return Math.max(0, Math.round(this.#now() - this.#appliedAt));
  }

  /** Adopts it after the worker's lag. */
  offer(snapshot: Snapshot): void {
    this.#newest = snapshot;
    if (this.#lag === 'stuck') return;
    if (this.#lag === 0) setImmediate(() => this.#adopt(snapshot));
    else setTimeout(() => this.#adopt(snapshot), this.#lag).unref();
  }

  setLag(lag: Lag): void {
    const wasStuck = this.#lag === 'stuck';
    this.#lag = lag;
    if (wasStuck) this.offer(this.#newest);
  }

  /** Chooses a server, another one than `notAddress` when a first could not be reached. */
  choose(asked: Asked, notAddress?: string): Chosen | Nowhere {
    const choice = this.#choiceFor(asked);
    if (choice.kind !== 'candidates') return choice;
    const target = this.#targets.get(choice.key)?.next();
    const server =
      target &&
      this.#servers.get(target.key)?.next(({ weight, value }) => {
        return serverAddress(value) === notAddress ? 0 : weight * this.#shareOf(target, value);
      });
    if (target === undefined || server === undefined)
      return { kind: 'no_server', upstream: target?.view.upstream ?? '' };
    return { upstream: target.view.upstream, server, pool: this.#poolOf(target.view.upstream, server) };
  }

  /** Ends every connection. */
  close(): void {
    for (const key of [...this.#pools.keys()]) this.#closePool(key);
  }

  #adopt(snapshot: Snapshot): void {
    if (this.#lag === 'stuck') return;
    const former = this.#snapshot;
    this.#snapshot = snapshot;
    this.#appliedAt = this.#now();
    this.#choices.clear();
    for (const [name, view] of former.views) {
      const next = snapshot.views.get(name);
      if (next === view) continue;
      for (const key of view.keys) if (next?.keys.has(key) !== true) this.#forget(`${name}|${key}`);
    }
    for (const [name, view] of snapshot.views) {
      const before = former.views.get(name);
      if (view === before || view.slowStartMs === 0) continue;
      for (const server of view.servers) {
        const key = `${name}|${serverKey(server)}`;
        if (isServing(server) && before?.keys.has(serverKey(server)) !== true) this.#since.set(key, this.#now());
      }
    }
    this.#onApplied();
  }

  #choiceFor({ host, path, sc }: Asked): Choice {
    const destination = destinationOf(this.#snapshot, host, path);
    if (destination === undefined) return { kind: 'no_server', upstream: '' };
    const key = JSON.stringify([destination.key, sc]);
    const known = this.#choices.get(key);
    if (known !== undefined) return known;
    const choice = candidatesFor(this.#snapshot, destination, sc, this.#idc);
    // Callers may send any service chain.
    if (this.#choices.size >= cachedChoices) this.#choices.clear();
    this.#choices.set(key, choice);
    if (choice.kind === 'candidates') this.#renew(choice);
    return choice;
  }

  #renew({ key, targets }: { readonly key: string; readonly targets: readonly Candidates[] }): void {
    this.#targets.set(
      key,
      new RoundRobin(
        targets.map((value) => ({ key: value.key, weight: value.weight, value })),
        this.#targets.get(key),
      ),
    );
    for (const target of targets) {
      const items = target.servers.map((value) => ({ key: serverKey(value), weight: value.weight, value }));
      this.#servers.set(target.key, new RoundRobin(items, this.#servers.get(target.key)));
    }
  }

  /** Slow start: from a tenth of its weight to all of it. */
  #shareOf({ view }: Candidates, server: EffectiveServer): number {
    const since = view.slowStartMs === 0 ? undefined : this.#since.get(`${view.upstream}|${serverKey(server)}`);
    if (since === undefined) return 1;
    return Math.min(1, Math.max(leastShare, (this.#now() - since) / view.slowStartMs));
  }

  #poolOf(upstream: string, server: EffectiveServer): Pool {
    const key = `${upstream}|${serverKey(server)}`;
    const pool = this.#pools.get(key) ?? { agent: new http.Agent({ keepAlive: true }), flights: new Set() };
    this.#pools.set(key, pool);
    return pool;
  }

  #forget(key: string): void {
    this.#since.delete(key);
    this.#closePool(key);
  }

  #closePool(key: string): void {
    const pool = this.#pools.get(key);
    if (pool === undefined) return;
    this.#pools.delete(key);
    for (const cut of [...pool.flights]) cut();
    pool.agent.destroy();
  }
}
