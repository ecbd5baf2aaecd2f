import { type EndpointSliceRecord, inOwnNetwork } from '../members/index.js';
import type { SliceChange } from './core/index.js';

/** A pod's addresses in its further networks, by the networks' label values. */
export interface PodAddresses {
  readonly uid: string;
  readonly addresses: Readonly<Record<string, string>>;
}

/** One thing that a reflector said of the pods. */
export type PodChange =
  | { readonly kind: 'replaced'; readonly pods: readonly PodAddresses[] }
  | { readonly kind: 'upserted'; readonly pod: PodAddresses };

type Upserted = Extract<SliceChange, { readonly kind: 'upserted' }>;
type Kept = Pick<Upserted, 'key' | 'slice'>;

/**
 * Gives slices that name a second network their pods' addresses there. Takes what both reflectors say, in order, and
 * answers what the core is to hear; slices without a second network pass as they are.
 *
 * An address that is not known is never taken for an endpoint that is gone: until the pods were listed once, a list with
 * such slices waits, and what comes after it. An address that was known stays, for it never changes while the pod lives.
 */
export class AddressJoin {
  readonly #kept = new Map<string, Kept>();
  readonly #keysOf = new Map<string, Set<string>>();
  #addresses = new Map<string, PodAddresses['addresses']>();
  #arePodsKnown = false;
  #waiting: SliceChange[] | undefined;

  /** Some slice names a second network: the pods must be watched. */
  get needsPods(): boolean {
    return this.#kept.size > 0;
  }

  slices(changes: readonly SliceChange[]): SliceChange[] {
    return changes.flatMap((change) => {
      this.#keep(change);
      if (this.#waiting !== undefined) {
        this.#waiting.push(change);
        return [];
      }
      if (this.#arePodsKnown || !namesNetwork(change)) return [this.#joined(change)];
      // A single new slice is heard of with the pods; a list would say that all its endpoints are gone.
      if (change.kind === 'replaced') this.#waiting = [change];
      return [];
    });
  }

  pods(change: PodChange): SliceChange[] {
    if (change.kind === 'upserted') {
      const { uid, addresses } = change.pod;
      this.#addresses.set(uid, addresses);
      return this.#arePodsKnown ? this.#upserts(this.#keysOf.get(uid) ?? []) : [];
    }
    const stillNamed = [...this.#addresses].filter(([uid]) => this.#keysOf.has(uid));
    this.#addresses = new Map([...stillNamed, ...change.pods.map(({ uid, addresses }) => [uid, addresses] as const)]);
    this.#arePodsKnown = true;
    const waited = (this.#waiting ?? []).map((one) => this.#joined(one));
    this.#waiting = undefined;
    return [...waited, ...this.#upserts(this.#kept.keys())];
  }

  #upserts(keys: Iterable<string>): SliceChange[] {
    return [...keys].flatMap((key) => {
      const kept = this.#kept.get(key);
      // The slice itself has not changed: with its version it would count as seen.
      return kept === undefined ? [] : [this.#joined({ kind: 'upserted', ...kept, resourceVersion: '' })];
    });
  }

  #joined(change: SliceChange): SliceChange {
    if (change.kind === 'upserted') return { ...change, slice: this.#translated(change.slice) };
    if (change.kind !== 'replaced' || !namesNetwork(change)) return change;
    const slices = Object.entries(change.slices).map(([key, slice]) => [key, this.#translated(slice)] as const);
    return { ...change, slices: Object.fromEntries(slices) };
  }

  #translated(slice: EndpointSliceRecord): EndpointSliceRecord {
    return inOwnNetwork(slice, (uid) => this.#addresses.get(uid));
  }

  #keep(change: SliceChange): void {
    switch (change.kind) {
      case 'replaced':
        for (const key of [...this.#kept.keys()]) this.#forget(key);
        for (const [key, slice] of Object.entries(change.slices)) this.#remember({ key, slice });
        break;
      case 'upserted':
        this.#forget(change.key);
        this.#remember(change);
        break;
      case 'removed':
        this.#forget(change.key);
        break;
      case 'connected':
      case 'disconnected':
    }
  }

  #remember({ key, slice }: Kept): void {
    if (slice.network === undefined) return;
    this.#kept.set(key, { key, slice });
    for (const { uid } of slice.endpoints) {
      const keys = this.#keysOf.get(uid) ?? new Set();
      this.#keysOf.set(uid, keys.add(key));
    }
  }

  #forget(key: string): void {
    for (const { uid } of this.#kept.get(key)?.slice.endpoints ?? []) {
      const keys = this.#keysOf.get(uid);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysOf.delete(uid);
    }
    this.#kept.delete(key);
  }
}

function namesNetwork(change: SliceChange): boolean {
  if (change.kind === 'upserted') return change.slice.network !== undefined;
  return change.kind === 'replaced' && Object.values(change.slices).some(({ network }) => network !== undefined);
}
