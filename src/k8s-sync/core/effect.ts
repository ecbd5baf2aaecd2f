import type { Server } from '../../members/index.js';
import type { TimerName } from './event.js';
import type { GuardName, SyncPhase } from './state.js';

/** What the shell is to do. Each that asks something is answered by an event. */
export type SyncEffect =
  | { readonly type: 'claim'; readonly gateway: string; readonly generation: string }
  /** Read every upstream of our source. Looks at an instance are numbered: the answer to an earlier one may come late. */
  | { readonly type: 'read-sources'; readonly gateway: string; readonly look: number }
  | { readonly type: 'read'; readonly gateway: string; readonly upstream: string; readonly look: number }
  | {
      readonly type: 'write';
      readonly gateway: string;
      readonly upstream: string;
      readonly generation: string;
      readonly servers: readonly Server[];
      readonly force: { readonly reason: string; readonly actor: string } | null;
    }
  /** Wait until every worker has this revision. */
  | { readonly type: 'confirm'; readonly gateway: string; readonly revision: number }
  /** Look at the cluster itself: which of these pods, and of these Services, are there? */
  | {
      readonly type: 'prove';
      readonly upstream: string;
      /** By server key; an empty name stands for a pod that is known by its UID only. */
      readonly pods: Readonly<
        Record<string, { readonly namespace: string; readonly pod: string; readonly uid: string }>
      >;
      /** `namespace/name`. */
      readonly services: readonly string[];
    }
  /** Start the reflector anew. */
  | { readonly type: 'relist' }
  /** Give the Lease up and take it again with a greater epoch than this. */
  | { readonly type: 'renew-epoch'; readonly above: number }
  /** Replaces an earlier one of the same name; `at` is on the clock of `now`. */
  | { readonly type: 'timer'; readonly name: TimerName; readonly at: number }
  | { readonly type: 'phase'; readonly from: SyncPhase; readonly to: SyncPhase; readonly reason: string }
  | { readonly type: 'count-write'; readonly gateway: string; readonly upstream: string; readonly result: string }
  | {
      readonly type: 'count-guard';
      readonly upstream: string;
      readonly group: string;
      readonly guard: GuardName;
      readonly servers: readonly string[];
    }
  /** Nodes that turned not ready together; none when that has passed. */
  | { readonly type: 'nodes-lost'; readonly nodes: readonly string[]; readonly known: number }
  /** From a member's change to every worker of a gateway having it, in milliseconds. */
  | { readonly type: 'propagated'; readonly gateway: string; readonly upstream: string; readonly ms: number };
