import { type EndpointRecord, type EndpointSliceRecord, serverAddress } from '../../members/index.js';
import { upstreamName } from '../../conventions/index.js';
import type { SliceChange } from './event.js';
import { shardGet, shardKeys, type Shards, shardSet } from './shards.js';
import type { SyncState } from './state.js';

/** The state with one change of the slices taken in, and the upstreams that it touches. */
export interface SliceStep {
  readonly state: SyncState;
  readonly touched: readonly string[];
}

export function applySliceChange(
  state: SyncState,
  change: Exclude<SliceChange, { kind: 'connected' | 'disconnected' }>,
): SliceStep {
  if (change.kind === 'upserted') return setSlice(state, change.key, change.slice);
  if (change.kind === 'removed') return setSlice(state, change.key, undefined);
  const gone = shardKeys(state.slices).filter((key) => !Object.hasOwn(change.slices, key));
  let current = state;
  const touched = new Set<string>();
  const changes = [...gone.map((key) => [key, undefined] as const), ...Object.entries(change.slices)];
  for (const [key, slice] of changes) {
    const step = setSlice(current, key, slice);
    current = step.state;
    for (const name of step.touched) touched.add(name);
  }
  return { state: current, touched: [...touched] };
}

function setSlice(state: SyncState, key: string, slice: EndpointSliceRecord | undefined): SliceStep {
  const former = shardGet(state.slices, key);
  const before = upstreamsOf(former);
  const after = upstreamsOf(slice);
  const next: SyncState = {
    ...state,
    slices: shardSet(state.slices, key, slice),
    slicesOf: index(state.slicesOf, key, before, after),
    slicesAt: index(state.slicesAt, key, addressesOf(former), addressesOf(slice)),
  };
  return { state: next, touched: [...new Set([...before, ...after, ...upstreamsBeside(next, key, former, slice)])] };
}

/** Puts a slice's key to the names that it stands for now, and takes it from the others. */
function index(
  shards: Shards<readonly string[]>,
  key: string,
  before: readonly string[],
  after: readonly string[],
): Shards<readonly string[]> {
  const [was, is] = [new Set(before), new Set(after)];
  let current = shards;
  for (const name of was) {
    if (is.has(name)) continue;
    const left = (shardGet(current, name) ?? []).filter((other) => other !== key);
    current = shardSet(current, name, left.length === 0 ? undefined : left);
  }
  for (const name of is)
    if (!was.has(name)) current = shardSet(current, name, [...(shardGet(current, name) ?? []), key]);
  return current;
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
