import type { EndpointSliceRecord } from '../../members/index.js';
import { upstreamName } from '../../conventions/index.js';
import type { SliceChange } from './event.js';
import { shardGet, shardKeys, shardSet } from './shards.js';
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
  let { slicesOf } = state;
  for (const name of before) {
    if (after.includes(name)) continue;
    const left = (shardGet(slicesOf, name) ?? []).filter((other) => other !== key);
    slicesOf = shardSet(slicesOf, name, left.length === 0 ? undefined : left);
  }
  for (const name of after) {
    if (!before.includes(name)) slicesOf = shardSet(slicesOf, name, [...(shardGet(slicesOf, name) ?? []), key]);
  }
  return {
    state: { ...state, slices: shardSet(state.slices, key, slice), slicesOf },
    touched: [...new Set([...before, ...after])],
  };
}

const upstreamsOf = (slice: EndpointSliceRecord | undefined): string[] =>
  slice === undefined ? [] : slice.ports.map(({ role }) => upstreamName(slice.app, role));
