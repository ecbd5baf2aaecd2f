import { digestOf, serverKey, type Server } from '../../members/server.js';
import type { Force, SourceEntry } from './entry.js';
import { parseGeneration } from './generation.js';
import type { Guards } from './guards.js';
import { notFound, Problem } from './problem.js';
import type { Counters } from './stats.js';
import type { Store } from './store.js';

/** The conditions of a request: the texts of `If-Match` and `If-None-Match`. */
export interface Preconditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

export interface SourceWriteRequest extends Preconditions {
  readonly upstream: string;
  readonly source: string;
  readonly generation: unknown;
  /** Undefined deletes. */
  readonly servers: readonly Server[] | undefined;
  readonly force: Force | undefined;
}

export interface SourceWriteResult {
  readonly isNew: boolean;
  readonly entry: SourceEntry;
  readonly changed: boolean;
  readonly added: number;
  readonly removed: number;
}

/** Throws 412 unless the resource's present revision (undefined: it does not exist) meets the conditions. */
export function checkPreconditions(conditions: Preconditions, revision: number | undefined): void {
  const { ifMatch, ifNoneMatch } = conditions;
  const etags = (text: string): string[] => text.split(',').map((part) => part.trim());
  const isHeld = (text: string): boolean =>
    revision !== undefined && (etags(text).includes('*') || etags(text).includes(`"${revision}"`));
  const present = revision === undefined ? 'it does not exist' : `its revision is ${revision}`;
  if (ifMatch !== undefined && !isHeld(ifMatch)) {
    throw new Problem(412, 'REVISION_MISMATCH', `If-Match is ${ifMatch}; ${present}`, { details: { revision } });
  }
  if (ifNoneMatch !== undefined && isHeld(ifNoneMatch)) {
    throw new Problem(412, 'REVISION_MISMATCH', `If-None-Match is ${ifNoneMatch}; ${present}`, {
      details: { revision },
    });
  }
}

/** Decides about writes of sources and about claims. Each decision is made at one moment, without a wait in it. */
export class SourceWriter {
  readonly #store: Store;
  readonly #guards: Guards;
  readonly #counters: Counters;
  readonly #now: () => number;

  constructor(store: Store, guards: Guards, counters: Counters, now: () => number) {
    this.#store = store;
    this.#guards = guards;
    this.#counters = counters;
    this.#now = now;
  }

  /** Sets the least generation of a source. Answers the claim before. */
  async claim(
    source: string,
    generationText: unknown,
    writer: string,
  ): Promise<{ generation: string; writer: string }> {
    const generation = parseGeneration(generationText);
    const former = this.#store.state.claims.get(source);
    if (former === undefined || generation > BigInt(former.generation)) {
      await this.#store.commit({ type: 'claim', source, generation: String(generation), writer });
    } else if (generation < BigInt(former.generation)) {
      throw new Problem(409, 'STALE_GENERATION', `${source} is claimed by ${former.writer} with ${former.generation}`, {
        details: { claim: former.generation, writer: former.writer },
      });
    } else if (writer !== former.writer) {
      throw new Problem(409, 'CLAIM_CONFLICT', `${former.writer} has claimed ${source} with the same generation`, {
        details: { claim: former.generation, writer: former.writer },
      });
    } else {
      await this.#store.flushed();
    }
    return { generation: former?.generation ?? '0', writer: former?.writer ?? '' };
  }

  async write(request: SourceWriteRequest): Promise<SourceWriteResult> {
    const { upstream, source } = request;
    const generation = parseGeneration(request.generation);
    this.#checkClaim(source, generation);
    const stored = this.#store.state.entryOf(upstream, source);
    const former = stored?.deleted === true ? undefined : stored;
    const isDelete = request.servers === undefined;
    const servers = request.servers ?? [];
    const digest = digestOf(servers);
    if (stored !== undefined && generation <= BigInt(stored.generation)) {
      const isSame =
        generation === BigInt(stored.generation) && digest === stored.digest && isDelete === stored.deleted;
      if (isSame) {
        await this.#store.flushed();
        return { isNew: false, entry: stored, changed: false, added: 0, removed: 0 };
      }
      if (generation < BigInt(stored.generation)) {
        throw new Problem(409, 'STALE_GENERATION', `${source} in ${upstream} has generation ${stored.generation}`, {
          details: { generation: stored.generation },
        });
      }
      checkPreconditions(request, former?.revision);
      throw new Problem(409, 'GENERATION_CONFLICT', `generation ${generation} was used for other servers`, {
        details: { generation: stored.generation, digest: stored.digest },
      });
    }
    checkPreconditions(request, former?.revision);
    if (isDelete && former === undefined) throw notFound(`source ${source} in upstream ${upstream}`);
    const place = `${source} in ${upstream}`;
    const present = former?.servers ?? [];
    const now = this.#now();
    if (request.force === undefined) this.#guards.check(place, present, servers, now);
    const changed = isDelete || former?.digest !== digest;
    const revision = changed ? this.#store.state.revision + 1 : former.revision;
    const entry: SourceEntry = {
      type: 'source',
      upstream,
      source,
      revision,
      generation: String(generation),
      digest,
      servers,
      deleted: isDelete,
      ...(request.force && { force: request.force }),
    };
    this.#guards.note(place, present, servers, now);
    const before = new Set(present.map(serverKey));
    const after = new Set(servers.map(serverKey));
    const result = {
      isNew: former === undefined,
      entry,
      changed,
      added: servers.filter((server) => !before.has(serverKey(server))).length,
      removed: present.filter((server) => !after.has(serverKey(server))).length,
    };
    await this.#store.commit(entry);
    if (changed) this.#counters.noteChange({ revision, source, upstream, at: Math.round(now) }, present, servers);
    return result;
  }

  #checkClaim(source: string, generation: bigint): void {
    const claim = this.#store.state.claims.get(source);
    if (claim === undefined) {
      throw new Problem(428, 'UNCLAIMED', `nobody has claimed ${source}; POST its claim first`);
    }
    if (generation < BigInt(claim.generation)) {
      throw new Problem(409, 'STALE_GENERATION', `${source} is claimed by ${claim.writer} with ${claim.generation}`, {
        details: { claim: claim.generation, writer: claim.writer },
      });
    }
  }
}
