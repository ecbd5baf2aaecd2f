import {
  type ClaimAnswer,
  digestOf,
  type EffectiveContent,
  effectiveOf,
  type Gateway,
  GatewayError,
  type GatewayLimit,
  type GatewayStatus,
  serverKey,
  type SourceContent,
  type SourceWrite,
  type WriteAnswer,
} from 'youzan-kube';

const last = (1n << 64n) - 1n;

/** What stands behind it: here a few maps, elsewhere an admin API. */
export class MemoryStore {
  readonly storeId = crypto.randomUUID();
  readonly claims = new Map<string, { generation: bigint; writer: string }>();
  readonly sources = new Map<string, SourceContent>();
  revision = 0;
}

/** A gateway whose data plane is left out. */
export class MemoryGateway implements Gateway {
  readonly name = 'memory';
  readonly idc = 'bc';
  readonly limits: readonly GatewayLimit[] = ['no-guards'];
  readonly #store: MemoryStore;
  #isClosed = false;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  async claim(source: string, { generation, writer }: { generation: string; writer: string }): Promise<ClaimAnswer> {
    const { claims, storeId } = await this.#open();
    const claim = BigInt(generation);
    if (claim > last) throw new GatewayError('BAD_JSON', `${generation} has more than 64 bits`);
    const former = claims.get(source) ?? { generation: 0n, writer: '' };
    if (claim < former.generation) throw this.#stale(generation, former.generation);
    if (claim === former.generation && writer !== former.writer) {
      throw new GatewayError('CLAIM_CONFLICT', `${source} is claimed by ${former.writer}`, { path: this.name });
    }
    claims.set(source, { generation: claim, writer });
    const upstreams = (await this.readSources(source)).map((each) => ({ ...each, servers: each.servers.length }));
    return { storeId, formerGeneration: String(former.generation), formerWriter: former.writer, upstreams };
  }

  async putSource({ upstream, source, generation, servers }: SourceWrite): Promise<WriteAnswer> {
    const store = await this.#open();
    const claim = store.claims.get(source);
    if (claim === undefined) throw new GatewayError('UNCLAIMED', `${source} is not claimed`, { path: this.name });
    const present = store.sources.get(`${upstream} ${source}`);
    const least = [claim.generation, BigInt(present?.generation ?? 0)].reduce((a, b) => (a > b ? a : b));
    if (BigInt(generation) < least) throw this.#stale(generation, least);
    const keys = new Set(servers.map(serverKey));
    const isWrong = servers.some(({ ip, port, weight }) => ip.split('.').length === 3 || port < 1 || weight > 1_000);
    if (isWrong || keys.size < servers.length) throw new GatewayError('INVALID_SERVER', 'no such server can be');
    const digest = digestOf(servers);
    const changed = digest !== present?.digest;
    if (changed && generation === present?.generation) {
      throw new GatewayError('GENERATION_CONFLICT', `${generation} was written with other servers`);
    }
    if (changed) store.revision += 1;
    const revision = present && !changed ? present.revision : store.revision;
    store.sources.set(`${upstream} ${source}`, { upstream, source, generation, revision, digest, servers });
    const before = new Set(present?.servers.map(serverKey));
    const added = [...keys].filter((key) => !before.has(key)).length;
    const removed = [...before].filter((key) => !keys.has(key)).length;
    return { storeId: store.storeId, revision, generation, digest, changed, added, removed };
  }

  async readSource(upstream: string, source: string): Promise<SourceContent | undefined> {
    return (await this.#open()).sources.get(`${upstream} ${source}`);
  }

  async readSources(source: string): Promise<readonly SourceContent[]> {
    return [...(await this.#open()).sources.values()].filter((each) => each.source === source);
  }

  async readEffective(upstream: string): Promise<EffectiveContent | undefined> {
    const contents = [...(await this.#open()).sources.values()].filter((each) => each.upstream === upstream);
    return contents.length === 0 ? undefined : effectiveOf(upstream, contents);
  }

  async status(
    wait = { minRevision: 0, waitMs: 0 },
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<GatewayStatus> {
    const { revision, storeId } = await this.#open(options.signal);
    const applied = revision >= wait.minRevision;
    if (!applied) await new Promise((resolve) => setTimeout(resolve, wait.waitMs));
    const workers = [{ worker: 'only', state: 'serving', appliedRevision: revision }] as const;
    return { storeId, workers, applied, lagging: applied ? [] : ['only'] };
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #open(signal?: AbortSignal): Promise<MemoryStore> {
    if (!this.#isClosed && signal?.aborted !== true) return Promise.resolve(this.#store);
    return Promise.reject(new GatewayError('ABORTED', `${this.name}: the call was ended`, { path: this.name }));
  }

  #stale(got: string, least: bigint): GatewayError {
    const details = { claim: String(least) };
    return new GatewayError('STALE_GENERATION', `${got} is less than ${least}`, { path: this.name, details });
  }
}
