import type { EndpointSliceRecord, NodeRecord, Server } from '../../members/index.js';
import type { PodProof } from './state.js';

/** One thing that a reflector said of the slices; an empty version stands for what did not come by their watch. */
export type SliceChange =
  /** A complete list: what is not in it is not there. */
  | {
      readonly kind: 'replaced';
      readonly slices: Readonly<Record<string, EndpointSliceRecord>>;
      readonly resourceVersion: string;
    }
  | {
      readonly kind: 'upserted';
      readonly key: string;
      readonly slice: EndpointSliceRecord;
      readonly resourceVersion: string;
    }
  | { readonly kind: 'removed'; readonly key: string; readonly resourceVersion: string }
  | { readonly kind: 'connected' }
  | { readonly kind: 'disconnected'; readonly reason: string };

/** One thing that a reflector said of the nodes. */
export type NodeChange =
  | { readonly kind: 'replaced'; readonly nodes: Readonly<Record<string, NodeRecord>> }
  | { readonly kind: 'upserted'; readonly name: string; readonly node: NodeRecord }
  | { readonly kind: 'removed'; readonly name: string }
  /** They are about to be listed, or their watch broke. */
  | { readonly kind: 'awaited' }
  /** The syncer may not see them. */
  | { readonly kind: 'unseen'; readonly reason: string };

/** A gateway's refusal, or the lack of an answer. */
export interface GatewayFailure {
  readonly code: string;
  /** Nothing was changed, and the same write may succeed later. */
  readonly retryable: boolean;
  /** It is not known whether the write was applied. */
  readonly uncertain: boolean;
  readonly retryAfterMs: number;
  readonly message: string;
  /** Epoch of a claim that is greater than ours, when the gateway said it. */
  readonly presentEpoch: number;
}

/** Who wants it and why, as far as they say. */
export interface OperatorWord {
  readonly reason?: string;
  readonly actor?: string;
}

/** Everything that can happen to a syncer. Plain data: a journal holds every one. */
export type SyncEvent =
  | { readonly type: 'slices'; readonly changes: readonly SliceChange[] }
  | { readonly type: 'nodes'; readonly changes: readonly NodeChange[] }
  /** `lostWrite`: a former heartbeat's write is not there any more. */
  | { readonly type: 'heartbeat'; readonly resourceVersion: string; readonly lostWrite?: boolean }
  | { readonly type: 'leading'; readonly epoch: number }
  | { readonly type: 'not-leading' }
  | { readonly type: 'claimed'; readonly gateway: string; readonly generation: string; readonly storeId: string }
  | {
      readonly type: 'claim-failed';
      readonly gateway: string;
      readonly generation: string;
      readonly failure: GatewayFailure;
    }
  | {
      readonly type: 'sources';
      readonly gateway: string;
      readonly look: number;
      readonly sources: readonly {
        readonly upstream: string;
        readonly servers: readonly Server[];
        readonly revision: number;
      }[];
    }
  | {
      readonly type: 'sources-failed';
      readonly gateway: string;
      readonly look: number;
      readonly failure: GatewayFailure;
    }
  | {
      readonly type: 'read';
      readonly gateway: string;
      readonly upstream: string;
      readonly look: number;
      readonly servers: readonly Server[];
      readonly revision: number;
    }
  | {
      readonly type: 'read-failed';
      readonly gateway: string;
      readonly upstream: string;
      readonly look: number;
      readonly failure: GatewayFailure;
    }
  | {
      readonly type: 'written';
      readonly gateway: string;
      readonly upstream: string;
      readonly generation: string;
      readonly storeId: string;
      readonly revision: number;
      /** What the gateway says that it has now. */
      readonly digest: string;
      readonly changed: boolean;
    }
  | {
      readonly type: 'write-failed';
      readonly gateway: string;
      readonly upstream: string;
      readonly generation: string;
      readonly failure: GatewayFailure;
    }
  | {
      readonly type: 'confirmed';
      readonly gateway: string;
      readonly storeId: string;
      readonly revision: number;
      readonly applied: boolean;
      readonly lagging: readonly string[];
    }
  | { readonly type: 'confirm-failed'; readonly gateway: string; readonly failure: GatewayFailure }
  /** An instance has another store than the one that was claimed: it forgets over a restart. */
  | { readonly type: 'other-store'; readonly gateway: string; readonly storeId: string }
  | {
      readonly type: 'proof';
      readonly upstream: string;
      readonly pods: Readonly<Record<string, PodProof>>;
      readonly servicesGone: readonly string[];
    }
  | { readonly type: 'proof-failed'; readonly upstream: string; readonly reason: string }
  | { readonly type: 'timer'; readonly name: TimerName }
  | { readonly type: 'override'; readonly upstream: string; readonly reason: string; readonly actor: string }
  /** With `from`, another process got it, or an earlier one, so long ago. */
  | ({
      readonly type: 'freeze' | 'unfreeze';
      readonly from?: 'lease';
      readonly ageMs?: number;
    } & OperatorWord)
  /** How much of its traffic the cluster is to have: 100 takes an order back, null is an order that can't be read. */
  | ({
      readonly type: 'traffic';
      readonly percent: number | null;
      readonly from?: 'lease';
      readonly ageMs?: number;
    } & OperatorWord)
  | ({ readonly type: 'resync' } & OperatorWord);

/** A timer's name says what is looked at when it fires. */
export type TimerName =
  'health' | `upstream ${string}` | `claim ${string}` | `confirm ${string}` | `drift ${string}` | `proof ${string}`;
