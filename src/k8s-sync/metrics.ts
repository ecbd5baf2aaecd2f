import { isServing } from '../members/index.js';
import type { SyncConflict } from './conflicts/index.js';
import { type GuardName, shardEntries, type SyncEffect, type SyncPhase, type SyncState } from './core/index.js';

/** The syncer's figures as plain data. */
export interface SyncMetrics {
  readonly cluster: string;
  readonly state: SyncPhase;
  readonly leader: boolean;
  /** `desired`: ready members; `live`: servers that serve at the gateway. */
  readonly upstreams: readonly {
    readonly upstream: string;
    readonly gateway: string;
    readonly desired: number;
    readonly live: number;
  }[];
  /** Writes by gateway and result: `changed`, `unchanged`, or the gateway's code. */
  readonly writes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly guardTrips: Readonly<Record<string, number>>;
  /** The newest samples: from a member's change to every worker having it, in milliseconds. */
  readonly propagationMs: readonly number[];
  /** Samples ever taken. */
  readonly propagationCount: number;
  /** Nodes that turned not ready together. */
  readonly lostNodes: number;
  /** Addresses of the cluster's source that another source has, too, by gateway. */
  readonly conflicts: Readonly<Record<string, number>>;
  /** Since the last good heartbeat; null before the first. */
  readonly evidenceAgeMs: number | null;
}

const keptSamples = 1000;

/** Counts what the core tells. */
export class SyncCounters {
  readonly #writes: Record<string, Record<string, number>> = {};
  readonly #guardTrips: Record<GuardName, number> = { empty: 0, shrink: 0, nodes: 0, port: 0 };
  #propagation: number[] = [];
  #propagationCount = 0;

  count(effect: SyncEffect): void {
    if (effect.type === 'count-write') {
      const results = (this.#writes[effect.gateway] ??= {});
      results[effect.result] = (results[effect.result] ?? 0) + 1;
    } else if (effect.type === 'count-guard') {
      this.#guardTrips[effect.guard] += 1;
    } else if (effect.type === 'propagated') {
      this.#propagationCount += 1;
      this.#propagation.push(effect.ms);
      if (this.#propagation.length > keptSamples) this.#propagation = this.#propagation.slice(-keptSamples);
    }
  }

  metrics(state: SyncState, conflicts: readonly SyncConflict[], now: number): SyncMetrics {
    const { health, epoch, config } = state;
    return {
      cluster: config.cluster,
      state: health.phase,
      leader: epoch !== null,
      upstreams: shardEntries(state.upstreams).flatMap(([upstream, { members, placed }]) =>
        Object.entries(placed).map(([gateway, { servers }]) => ({
          upstream,
          gateway,
          desired: Object.values(members).filter(({ ready }) => ready).length,
          live: servers.filter(isServing).length,
        })),
      ),
      writes: structuredClone(this.#writes),
      guardTrips: { ...this.#guardTrips },
      propagationMs: [...this.#propagation],
      propagationCount: this.#propagationCount,
      lostNodes: Object.keys(state.nodes.lost).length,
      conflicts: Object.fromEntries(
        config.gateways.map((name) => [name, conflicts.filter(({ gateway }) => gateway === name).length]),
      ),
      evidenceAgeMs: health.heartbeatAt === null ? null : now - health.heartbeatAt,
    };
  }
}
