import { type EndpointRecord, type EndpointSliceRecord, serverAddress } from '../../members/index.js';
import { upstreamName } from '../../conventions/index.js';
import type { SliceChange } from './event.js';
import { isSameData } from './same-data.js';
import { shardGet, shardKeys, type Shards, shardsWith } from './shards.js';
import type { SyncState } from './state.js';

/** The state with one change of the slices taken in, and the upstreams that it touches. */
export interface SliceStep {
  readonly state: SyncState;
  readonly touched: readonly string[];
}

type Slice = EndpointSliceRecord | undefined;

export function applySliceChange(
  state: SyncState,
  change: Exclude<SliceChange, { kind: 'connected' | 'disconnected' }>,
): SliceStep {
  if (change.kind === 'upserted') return setSlices(state, [[change.key, change.slice]]);
  if (change.kind === 'removed') return setSlices(state, [[change.key, undefined]]);
  const gone = shardKeys(state.slices).filter((key) => !Object.hasOwn(change.slices, key));
  return setSlices(state, [...gone.map((key): [string, Slice] => [key, undefined]), ...Object.entries(change.slices)]);
}

/** Each key at most once. What is as it was is left out: a list says again what is known. */
function setSlices(state: SyncState, all: readonly (readonly [string, Slice])[]): SliceStep {
  const formers = new Map(all.map(([key]) => [key, shardGet(state.slices, key)]));
  const changes = all.filter(([key, slice]) => !isSameData(formers.get(key), slice));
  const [of, at] = [new Map<string, readonly string[]>(), new Map<string, readonly string[]>()];
  for (const [key, slice] of changes) {
    const former = formers.get(key);
    index(state.slicesOf, of, key, upstreamsOf(former), upstreamsOf(slice));
    index(state.slicesAt, at, key, addressesOf(former), addressesOf(slice));
  }
  const next: SyncState = {
    ...state,
    slices: shardsWith(state.slices, changes),
    slicesOf: shardsWith(state.slicesOf, given(of)),
    slicesAt: shardsWith(state.slicesAt, given(at)),
  };
  const touched = changes.flatMap(([key, slice]) => {
    const former = formers.get(key);
    return [...upstreamsOf(former), ...upstreamsOf(slice), ...upstreamsBeside(next, key, former, slice)];
  });
  return { state: next, touched: [...new Set(touched)] };
}

/** Puts a slice's key to the names that it stands for now, and takes it from the others. */
function index(
  shards: Shards<readonly string[]>,
  changed: Map<string, readonly string[]>,
  key: string,
  before: readonly string[],
  after: readonly string[],
): void {
  const [was, is] = [new Set(before), new Set(after)];
  const keysOf = (name: string): readonly string[] => changed.get(name) ?? shardGet(shards, name) ?? [];
  // One list for all that only this slice stands for.
  const alone = [key];
  for (const name of was) {
    if (!is.has(name))
      changed.set(
        name,
        keysOf(name).filter((other) => other !== key),
      );
  }
  for (const name of is) {
    if (was.has(name)) continue;
    const others = keysOf(name);
    changed.set(name, others.length === 0 ? alone : [...others, key]);
  }
}

/** A name that no slice stands for any more goes. */
function* given(changed: ReadonlyMap<string, readonly string[]>): Generator<[string, readonly string[] | undefined]> {
  for (const [name, keys] of changed) yield [name, keys.length === 0 ? undefined : keys];
}

const upstreamsOf = (slice: EndpointSliceRecord | undefined): string[] =>
  slice === undefined ? [] : slice.ports.map(({ role }) => upstreamName(slice.app, role));

const addressesOf = (slice: EndpointSliceRecord | undefined): string[] =>
  slice === undefined
    ? []
    : slice.ports.flatMap(({ port }) => slice.endpoints.map(({ ip }) => serverAddress({ ip, port })));

/** Every endpoint that stands at an address, of whatever app. */
export function podsAt(state: SyncState, address: string): EndpointRecord[] {
  return (shardGet(state.slicesAt, address) ?? [])
    .flatMap((key) => shardGet(state.slices, key) ?? [])
    .flatMap(({ endpoints, ports }) =>
      endpoints.filter(({ ip }) => ports.some(({ port }) => serverAddress({ ip, port }) === address)),
    );
}

/** Upstreams of other slices that list another pod at an address where a pod is new, or has changed. */
function upstreamsBeside(
  state: SyncState,
  key: string,
  former: EndpointSliceRecord | undefined,
  slice: EndpointSliceRecord | undefined,
): string[] {
  if (slice === undefined) return [];
  const known = new Set(former?.endpoints.map(({ ip, uid, ready }) => `${ip} ${uid} ${ready}`));
  const fresh = slice.endpoints.filter(({ ip, uid, ready }) => !known.has(`${ip} ${uid} ${ready}`));
  return fresh.flatMap(({ ip, uid }) =>
    slice.ports
      .flatMap(({ port }) => shardGet(state.slicesAt, serverAddress({ ip, port })) ?? [])
      .filter((other) => other !== key)
      .flatMap((other) => shardGet(state.slices, other) ?? [])
      .filter(({ endpoints }) => endpoints.some((endpoint) => endpoint.ip === ip && endpoint.uid !== uid))
      .flatMap(upstreamsOf),
  );
}
