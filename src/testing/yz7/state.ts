import type { ChainEntry, ClaimEntry, Entry, Route, SourceEntry, UpstreamEntry, UpstreamSettings } from './entry.js';

/** An upstream with the sources that write to it. */
export interface UpstreamRecord {
  readonly name: string;
  /** Revision of the settings' own last change. */
  readonly revision: number;
  readonly settings: UpstreamSettings;
}

export const defaultSettings: UpstreamSettings = { lb: 'round_robin', slowStartMs: 0 };

/** Everything that the store holds, in memory. Values are replaced, never changed. */
export class GatewayState {
  revision = 0;
  readonly claims = new Map<string, ClaimEntry>();
  readonly upstreams = new Map<string, UpstreamRecord>();
  readonly chains = new Map<string, { readonly revision: number; readonly upstreams: readonly string[] }>();
  readonly routes = new Map<string, { readonly revision: number; readonly route: Route }>();
  /** upstream -> source -> its entry, deleted ones and those of deleted upstreams too. */
  readonly #sources = new Map<string, Map<string, SourceEntry>>();
  readonly #upstreamsOf = new Map<string, Set<string>>();

  apply(entry: Entry): void {
    if (entry.type === 'claim') {
      this.claims.set(entry.source, entry);
      return;
    }
    this.revision = Math.max(this.revision, entry.revision);
    if (entry.type === 'revision') return;
    if (entry.type === 'source') this.#applySource(entry);
    else if (entry.type === 'chain') this.#applyChain(entry);
    else if (entry.type === 'upstream') this.#applyUpstream(entry);
    else if (entry.route === null) this.routes.delete(entry.id);
    else this.routes.set(entry.id, { revision: entry.revision, route: entry.route });
  }

  /** The last entry of a source, also when it was deleted. */
  entryOf(upstream: string, source: string): SourceEntry | undefined {
    return this.#sources.get(upstream)?.get(source);
  }

  /** The sources that an upstream has now. */
  sourcesOf(upstream: string): SourceEntry[] {
    return [...(this.#sources.get(upstream)?.values() ?? [])].filter((entry) => !entry.deleted);
  }

  /** What one source has in every upstream. */
  entriesOf(source: string): SourceEntry[] {
    return [...(this.#upstreamsOf.get(source) ?? [])].sort().flatMap((upstream) => {
      const entry = this.entryOf(upstream, source);
      return entry === undefined || entry.deleted ? [] : [entry];
    });
  }

  /** The whole state as entries: what a compacted log begins with. */
  entries(): Entry[] {
    const upstreams = [...this.upstreams.values()].map((record) => ({ type: 'upstream' as const, ...record }));
    const chains = [...this.chains].map(([sc, record]) => ({ type: 'chain' as const, sc, ...record }));
    const routes = [...this.routes].map(([id, record]) => ({ type: 'route' as const, id, ...record }));
    const sources = [...this.#sources.values()].flatMap((bySource) => [...bySource.values()]);
    // Sources first: a source creates its upstream, which the upstream's own entry then settles.
    const revision = { type: 'revision' as const, revision: this.revision };
    return [...this.claims.values(), ...sources, ...upstreams, ...chains, ...routes, revision];
  }

  #applySource(entry: SourceEntry): void {
    const bySource = this.#sources.get(entry.upstream) ?? new Map<string, SourceEntry>();
    this.#sources.set(entry.upstream, bySource.set(entry.source, entry));
    this.#upstreamsOf.set(entry.source, (this.#upstreamsOf.get(entry.source) ?? new Set()).add(entry.upstream));
    if (entry.deleted || this.upstreams.has(entry.upstream)) return;
    this.upstreams.set(entry.upstream, {
      name: entry.upstream,
      revision: entry.revision,
      settings: defaultSettings,
    });
  }

  #applyUpstream({ name, revision, settings }: UpstreamEntry): void {
    if (settings !== null) {
      this.upstreams.set(name, { name, revision, settings });
      return;
    }
    this.upstreams.delete(name);
    const bySource = this.#sources.get(name);
    // Its sources are empty by now, and go with it; their generations stay.
    for (const [source, entry] of bySource ?? []) bySource?.set(source, { ...entry, deleted: true });
  }

  #applyChain(entry: ChainEntry): void {
    if (entry.upstreams === null) this.chains.delete(entry.sc);
    else this.chains.set(entry.sc, { revision: entry.revision, upstreams: entry.upstreams });
  }
}
