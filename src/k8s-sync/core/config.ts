/** Times of the syncer, in milliseconds. */
export interface SyncTimings {
  /** Without a good heartbeat for so long: suspect. Two missed renewals of 2 s. Default 4,500. */
  readonly suspectMs: number;
  /** Without a good heartbeat for so long: frozen. Default 10,000. */
  readonly frozenMs: number;
  /** An address that vanishes without `terminating` or `ready: false` is held so long: endpoints move between slices. Default 2,000. */
  readonly absenceHoldMs: number;
  /** Between a drain that every worker has confirmed and the delete. Default 1,000. */
  readonly drainGraceMs: number;
  /** Removals of what is not ready or terminating wait so long for the nodes to be seen, at a start or after a break. Default 10,000. */
  readonly nodesWaitMs: number;
  /** Digests are compared so often. Default 60,000. */
  readonly driftMs: number;
  /** First wait after a failure, and after a proof that did not come; doubles. Default 250. */
  readonly backoffBaseMs: number;
  /** Longest such wait. Default 10,000. */
  readonly backoffMaxMs: number;
}

export const syncTimings: SyncTimings = {
  suspectMs: 4500,
  frozenMs: 10_000,
  absenceHoldMs: 2000,
  drainGraceMs: 1000,
  nodesWaitMs: 10_000,
  driftMs: 60_000,
  backoffBaseMs: 250,
  backoffMaxMs: 10_000,
};

/** When a removal that nobody proved is too large. */
export interface SyncGuards {
  /** Share of a group's serving servers that may go within the window. Default 0.5. */
  readonly maxShrinkRatio: number;
  /** Up to so many may go whatever their share. Default 2. */
  readonly alwaysAllowed: number;
  /** Losses, and nodes that turn not ready, count together within so long. Default 60,000. */
  readonly windowMs: number;
  /** Share of the cluster's nodes that, lost together, are rather cut off than dead. Default 0.3. */
  readonly maxLostNodesRatio: number;
  /** Fewer than so many are no loss together, whatever their share. Default 2. */
  readonly minLostNodes: number;
}

export const syncGuards: SyncGuards = {
  maxShrinkRatio: 0.5,
  alwaysAllowed: 2,
  windowMs: 60_000,
  maxLostNodesRatio: 0.3,
  minLostNodes: 2,
};

/**
 * The rules that keep traffic safe, each of which can be switched off so that a test of the tests can see its absence
 * noticed. Never switch one off elsewhere.
 */
export interface SyncRules {
  /** A server is drained before it is deleted. */
  readonly drain: boolean;
  /** What cannot be seen is kept. */
  readonly evidence: boolean;
  /** A new leader claims its source before its first write. */
  readonly claim: boolean;
  /** Large and emptying removals are held until proven. */
  readonly guards: boolean;
}

export const syncRules: SyncRules = { drain: true, evidence: true, claim: true, guards: true };

/** What a core is made for; it never changes. */
export interface SyncConfig {
  readonly cluster: string;
  /** `k8s.{idc}.{cluster}`. */
  readonly source: string;
  /** Names this process to the gateways; unique per process start. */
  readonly writer: string;
  /** Names of the gateway instances. */
  readonly gateways: readonly string[];
  /** Of a server that is up. */
  readonly weight: number;
  readonly timings: SyncTimings;
  readonly guards: SyncGuards;
  readonly rules: SyncRules;
}
