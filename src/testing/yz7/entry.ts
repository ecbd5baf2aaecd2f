import type { Server } from '../../members/server.js';

/** What PUT `/upstreams/{name}` takes. */
export interface UpstreamSettings {
  readonly lb: 'round_robin';
  readonly slowStartMs: number;
}

export interface RouteTarget {
  readonly upstream: string;
  readonly selector: { readonly color?: string; readonly sc?: string };
  readonly weight: number;
}

/** What PUT `/routes/{id}` takes. */
export interface Route {
  readonly hosts: readonly string[];
  readonly match: { readonly path: string };
  readonly targets: readonly RouteTarget[];
}

/** Why a guard was lifted for one write, and by whom. */
export interface Force {
  readonly reason: string;
  readonly actor: string;
}

/** One writer's servers in one upstream. A deleted one stays, for its generation. */
export interface SourceEntry {
  readonly type: 'source';
  readonly upstream: string;
  readonly source: string;
  readonly revision: number;
  readonly generation: string;
  readonly digest: string;
  readonly servers: readonly Server[];
  readonly deleted: boolean;
  readonly force?: Force;
}

export interface ClaimEntry {
  readonly type: 'claim';
  readonly source: string;
  readonly generation: string;
  readonly writer: string;
}

export interface UpstreamEntry {
  readonly type: 'upstream';
  readonly name: string;
  readonly revision: number;
  /** Null when it was deleted. */
  readonly settings: UpstreamSettings | null;
}

export interface ChainEntry {
  readonly type: 'chain';
  readonly sc: string;
  readonly revision: number;
  /** Null when it was deleted. */
  readonly upstreams: readonly string[] | null;
}

export interface RouteEntry {
  readonly type: 'route';
  readonly id: string;
  readonly revision: number;
  /** Null when it was deleted. */
  readonly route: Route | null;
}

/** The store's own revision, for a compacted log: what had it last may have been deleted. */
export interface RevisionEntry {
  readonly type: 'revision';
  readonly revision: number;
}

/** One accepted write as it stands in the log: the value after it, so that reading the log twice changes nothing. */
export type Write = SourceEntry | ClaimEntry | UpstreamEntry | ChainEntry | RouteEntry;

/** What stands in a log. */
export type Entry = Write | RevisionEntry;
