import type { Server, ServerState } from '../members/server.js';

/** Every call takes a signal and has a deadline (default 5,000 ms, plus `waitMs` for a status that waits). */
export interface GatewayCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** What one writer has in one upstream. Generations are decimal strings of unsigned 64-bit numbers. */
export interface SourceSummary {
  readonly upstream: string;
  readonly generation: string;
  readonly digest: string;
  readonly servers: number;
}

export interface SourceContent {
  readonly upstream: string;
  readonly source: string;
  readonly generation: string;
  readonly digest: string;
  readonly servers: readonly Server[];
  /** Revision of this source's own last change. */
  readonly revision: number;
}

/** One address as the data plane chooses it. */
export interface EffectiveServer extends Server {
  /** Every source that has the address. */
  readonly sources: readonly string[];
  /** IDC of the source whose entry is used. */
  readonly idc: string;
}

/** An address that several sources have. */
export interface AddressConflict {
  /** `ip:port`, with IPv6 in brackets. */
  readonly address: string;
  /** The entry that is used first. */
  readonly sources: readonly { readonly source: string; readonly uid: string; readonly state: ServerState }[];
}

/** The servers of an upstream as the data plane chooses among them, out of all sources. */
export interface EffectiveContent {
  readonly upstream: string;
  readonly servers: readonly EffectiveServer[];
  readonly conflicts: readonly AddressConflict[];
}

export interface ClaimAnswer {
  readonly storeId: string;
  /** The claim before this one; `0` when there was none. */
  readonly formerGeneration: string;
  readonly formerWriter: string;
  readonly upstreams: readonly SourceSummary[];
}

export interface SourceWrite {
  readonly upstream: string;
  readonly source: string;
  readonly generation: string;
  readonly servers: readonly Server[];
  /** Lifts the gateway's own guard for this one write. */
  readonly force?: { readonly reason: string; readonly actor: string } | undefined;
}

export interface WriteAnswer {
  readonly storeId: string;
  readonly revision: number;
  readonly generation: string;
  readonly digest: string;
  readonly changed: boolean;
  readonly added: number;
  readonly removed: number;
}

export interface GatewayWorker {
  readonly worker: string;
  readonly state: 'serving' | 'exiting';
  readonly appliedRevision: number;
}

export interface GatewayStatus {
  readonly storeId: string;
  readonly workers: readonly GatewayWorker[];
  /** False when some serving worker had not applied `minRevision` in time; those are in `lagging`. */
  readonly applied: boolean;
  readonly lagging: readonly string[];
}

/**
 * What a kind of gateway can't hold of this interface.
 * - `checked-claims`: claim and generation are looked at before a write and after it, not in the same instant. A write that
 *   is under way when another writer claims can still reach the gateway; the writer is told.
 * - `stepwise-writes`: servers change one after another; who reads in the middle sees a part.
 * - `volatile`: a restart or reload forgets servers, claims and generations; another store id says so.
 * - `no-guards`: it has no guards of its own, and `force` lifts nothing.
 * - `fixed-upstreams`: an upstream must be in its configuration before a source can be written.
 */
export type GatewayLimit = 'checked-claims' | 'stepwise-writes' | 'volatile' | 'no-guards' | 'fixed-upstreams';

/**
 * The writer's side of an access layer: one instance, a process group with a store of its own. A fleet of gateways is a
 * list of these, and each answers for itself. Every method throws a {@link GatewayError}.
 */
export interface Gateway {
  readonly name: string;
  readonly idc: string;
  /** What it can't hold. Default: nothing. */
  readonly limits?: readonly GatewayLimit[];
  claim(
    source: string,
    claim: { readonly generation: string; readonly writer: string },
    options?: GatewayCallOptions,
  ): Promise<ClaimAnswer>;
  /** Replaces the servers of one source in one upstream. */
  putSource(write: SourceWrite, options?: GatewayCallOptions): Promise<WriteAnswer>;
  /** Undefined when the upstream or the source in it does not exist. */
  readSource(upstream: string, source: string, options?: GatewayCallOptions): Promise<SourceContent | undefined>;
  /** Every upstream of one source, for recovery. */
  readSources(source: string, options?: GatewayCallOptions): Promise<readonly SourceContent[]>;
  /** What requests to the upstream meet, whoever wrote it. Undefined when the upstream does not exist. */
  readEffective(upstream: string, options?: GatewayCallOptions): Promise<EffectiveContent | undefined>;
  /** With `minRevision`, waits up to `waitMs` until every serving worker has applied it. */
  status(
    wait?: { readonly minRevision: number; readonly waitMs: number },
    options?: GatewayCallOptions,
  ): Promise<GatewayStatus>;
  close(): Promise<void>;
}
