// One gateway's part of a put: claim, then one list after the other, each confirmed by every worker.
import { setTimeout as delay } from 'node:timers/promises';
import { type Gateway, GatewayError } from '../../gateways/index.js';
import { digestOf, type Server } from '../../members/index.js';
import { epochOf, generationOf, type SyncGuards } from '../core/index.js';
import { failureOf } from '../failure.js';
import type { ServersByUpstream } from './parse-servers-yaml.js';
import { type HeldServers, type ServerChange, serverChange } from './server-change.js';

export interface PutJob {
  readonly source: string;
  /** What the upstreams are to have, by what they have; one that is not named is left alone. */
  readonly wanted: (present: ServersByUpstream) => ServersByUpstream;
  readonly force: { readonly reason: string; readonly actor: string } | undefined;
  readonly dryRun: boolean;
  readonly guards: SyncGuards;
  readonly drainGraceMs: number;
  readonly deadlineMs: number;
  readonly writer: string;
  readonly onTrouble: ((trouble: PutTrouble) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What went wrong at a gateway and is tried again. */
export interface PutTrouble {
  readonly gateway: string;
  readonly message: string;
  /** Until it is tried again. */
  readonly waitMs: number;
}

export interface UpstreamPut {
  readonly upstream: string;
  /** Addresses, as `ip:port`. */
  readonly add: readonly string[];
  readonly change: readonly string[];
  readonly drain: readonly string[];
  readonly remove: readonly string[];
  /** A guard keeps the upstream as it is: ours, or the gateway's own. */
  readonly held: (HeldServers & { readonly by: 'writer' | 'gateway' }) | null;
  /** Why the gateway does not take it; null when it does. */
  readonly refused: string | null;
}

export interface GatewayPut {
  readonly gateway: string;
  /**
   * `done`: every worker has it. `unchanged`: it was so already. `planned`: a dry run's. `held`: all but what a guard
   * holds or the gateway refuses is done. `failed`: see `error`; make the call again.
   */
  readonly outcome: 'done' | 'unchanged' | 'planned' | 'held' | 'failed';
  /** Those that change. */
  readonly upstreams: readonly UpstreamPut[];
  readonly error: string | null;
}

interface Work {
  readonly upstream: string;
  readonly change: ServerChange;
  /** What the gateway has. */
  now: readonly Server[];
  held: UpstreamPut['held'];
  refused: string | null;
}

/** One upstream's trouble, not the gateway's. */
const refusals = new Set(['INVALID_SERVER', 'NOT_FOUND', 'TOO_LARGE']);
const firstWaitMs = 250;
const longestWaitMs = 5000;
const longestConfirmMs = 5000;

export function putAtGateway(gateway: Gateway, job: PutJob): Promise<GatewayPut> {
  return new Putting(gateway, job).result();
}

class Putting {
  readonly #gateway: Gateway;
  readonly #job: PutJob;
  readonly #deadline: number;
  /** Greatest epoch that is known to be there. */
  #above = 0;
  /** By upstream, as it was decided first: a try that is made again finds a part of it done. */
  readonly #changes = new Map<string, ServerChange>();
  #works: readonly Work[] = [];

  constructor(gateway: Gateway, job: PutJob) {
    this.#gateway = gateway;
    this.#job = job;
    this.#deadline = performance.now() + job.deadlineMs;
  }

  async result(): Promise<GatewayPut> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return this.#report(await this.#put(), null);
      } catch (error) {
        this.#job.signal?.throwIfAborted();
        const failure = failureOf(error);
        const waitMs = Math.max(failure.retryAfterMs, Math.min(longestWaitMs, firstWaitMs * 2 ** attempt));
        if (!failure.retryable || performance.now() + waitMs >= this.#deadline)
          return this.#report('failed', `${failure.code}: ${failure.message}`);
        this.#job.onTrouble?.({ gateway: this.#gateway.name, message: failure.message, waitMs });
        await delay(waitMs, undefined, { signal: this.#job.signal });
      }
    }
  }

  async #put(): Promise<GatewayPut['outcome']> {
    const { dryRun } = this.#job;
    const { revision: present } = await this.#look();
    if (dryRun) return this.#works.some(({ held }) => held !== null) ? 'held' : 'planned';
    const writable = this.#works.filter(({ held }) => held === null);
    if (writable.length === 0) {
      // An earlier call may have ended before every worker had what it wrote.
      await this.#confirm(present);
      return this.#works.length === 0 ? 'unchanged' : 'held';
    }
    const { storeId, epoch } = await this.#claim();
    // Until the claim others may have written.
    const { revision } = await this.#look();
    let sequence = 0;
    let highest = revision;
    for (const [index, stage] of (['come', 'drain', 'delete'] as const).entries()) {
      for (const work of this.#works) {
        const list = work.change.lists[index] ?? [];
        if (work.held !== null || work.refused !== null || digestOf(list) === digestOf(work.now)) continue;
        sequence += 1;
        highest = Math.max(highest, await this.#write(work, list, generationOf(epoch, sequence)));
      }
      await this.#confirm(highest, storeId);
      const drains = this.#works.some(({ now, held, refused, change }) => {
        return held === null && refused === null && digestOf(now) !== digestOf(change.lists[2]);
      });
      if (stage === 'drain' && drains) await this.#grace();
    }
    return this.#works.some(({ held, refused }) => held !== null || refused !== null) ? 'held' : 'done';
  }

  /** Reads what is there, and decides from it. */
  async #look(): Promise<{ readonly revision: number }> {
    const { source, wanted, guards, force } = this.#job;
    const there = await this.#gateway.readSources(source, this.#call());
    const present = Object.fromEntries(there.map(({ upstream, servers }) => [upstream, servers]));
    const next = Object.entries(wanted(present)).sort(([one], [other]) => (one < other ? -1 : 1));
    this.#works = next.flatMap(([upstream, servers]): Work[] => {
      const now = present[upstream] ?? [];
      const change = serverChange(now, servers, guards);
      const held = change.held === null || force !== undefined ? null : { ...change.held, by: 'writer' as const };
      return digestOf(now) === digestOf(servers) ? [] : [{ upstream, change, now, held, refused: null }];
    });
    for (const { upstream, change } of this.#works)
      if (!this.#changes.has(upstream)) this.#changes.set(upstream, change);
    this.#above = Math.max(this.#above, ...there.map(({ generation }) => epochOf(generation)));
    return { revision: Math.max(0, ...there.map(({ revision }) => revision)) };
  }

  /** With an epoch above all that is there; from then on nobody's older write is taken. */
  async #claim(): Promise<{ readonly storeId: string; readonly epoch: number }> {
    const { source, writer } = this.#job;
    const epoch = this.#above + 1;
    this.#above = epoch;
    try {
      const claim = { generation: generationOf(epoch, 0), writer };
      const { storeId } = await this.#gateway.claim(source, claim, this.#call());
      return { storeId, epoch };
    } catch (error) {
      const { code, message, presentEpoch } = failureOf(error);
      if (code !== 'STALE_GENERATION' && code !== 'CLAIM_CONFLICT') throw error;
      // One who claims without writing shows no generation. A write that meets a greater claim, later, has lost.
      this.#above = Math.max(this.#above, presentEpoch);
      throw new GatewayError(code, message, { path: this.#gateway.name, retryable: true, cause: error });
    }
  }

  /** The revision that it made. */
  async #write(work: Work, servers: readonly Server[], generation: string): Promise<number> {
    const { source, force } = this.#job;
    const { upstream } = work;
    try {
      const write = { upstream, source, generation, servers, ...(force !== undefined && { force }) };
      const { revision, digest } = await this.#gateway.putSource(write, this.#call());
      if (digest !== digestOf(servers)) throw this.#again(`${upstream} has other servers than were written`);
      work.now = servers;
      return revision;
    } catch (error) {
      const failure = failureOf(error);
      if (failure.code === 'EMPTY_GUARD' || failure.code === 'SHRINK_GUARD') {
        const guard = failure.code === 'EMPTY_GUARD' ? 'empty' : 'shrink';
        work.held = { guard, by: 'gateway', servers: work.change.remove };
      } else if (refusals.has(failure.code)) work.refused = failure.message;
      else throw error;
      return 0;
    }
  }

  /** Waits until every worker has this revision; who lags is named, and waited for until the deadline. */
  async #confirm(revision: number, storeId?: string): Promise<void> {
    for (;;) {
      const left = this.#deadline - performance.now();
      const waitMs = Math.max(0, Math.min(longestConfirmMs, left));
      const status = await this.#gateway.status({ minRevision: revision, waitMs }, this.#call());
      if (storeId !== undefined && status.storeId !== storeId)
        throw this.#again('its store is another one than before');
      if (status.applied) return;
      const message = `${this.#gateway.name}: ${status.lagging.join(', ')} without revision ${revision}`;
      if (left <= longestConfirmMs) throw new GatewayError('TIMEOUT', message, { path: this.#gateway.name });
      this.#job.onTrouble?.({ gateway: this.#gateway.name, message, waitMs: 0 });
    }
  }

  #grace(): Promise<void> {
    return delay(this.#job.drainGraceMs, undefined, { signal: this.#job.signal });
  }

  #again(message: string): GatewayError {
    const { name } = this.#gateway;
    return new GatewayError('BAD_ANSWER', `${name}: ${message}`, { path: name, retryable: true });
  }

  #call(): { readonly signal: AbortSignal | undefined } {
    return { signal: this.#job.signal };
  }

  #report(outcome: GatewayPut['outcome'], error: string | null): GatewayPut {
    const upstreams = [...this.#changes].map(([upstream, { add, change, drain, remove }]): UpstreamPut => {
      const { held = null, refused = null } = this.#works.find((work) => work.upstream === upstream) ?? {};
      return { upstream, add, change, drain, remove, held, refused };
    });
    return { gateway: this.#gateway.name, outcome, upstreams, error };
  }
}
