import type { SyncGuards } from '../../src/k8s-sync/core/index.js';
import type { Budget, Condition, Conditions } from './state.js';
import { windowMs } from './time.js';
import type { FaultKind, PodSpec, WorldSpec } from './world.js';

/** In so small a world two are many. */
export const guards: SyncGuards = {
  maxShrinkRatio: 0.5,
  alwaysAllowed: 1,
  windowMs,
  maxLostNodesRatio: 0.3,
  minLostNodes: 1,
};
export const nothing: Budget = { faults: 0, flaps: 0, moves: 0, drifts: 0, takeovers: 0 };

export const pods = (...uids: readonly string[]): PodSpec[] =>
  uids.map((uid, index) => ({ uid, at: index + 1, app: 'shop' }));
export const all = (specs: readonly PodSpec[], condition: Condition): Conditions =>
  Object.fromEntries(specs.map(({ uid }) => [uid, condition]));

export const ofCalls: readonly FaultKind[] = ['refused', 'lost', 'worker-lags', 'slow'];
export const ofWatches: readonly FaultKind[] = ['watch-breaks', 'watch-gone', 'stale-list', 'no-heartbeats', 'slow'];
export const ofProcesses: readonly FaultKind[] = ['pause', 'crash', 'operator'];
export const ofStores: readonly FaultKind[] = ['store-lost', 'altered', 'etcd-restored'];

export const onePod = {
  pods: pods('a'),
  start: all(pods('a'), 'ready'),
  from: 'rest',
  gateways: ['g1'],
  faults: [],
  budget: nothing,
  without: [],
  deletesApps: false,
  lag: 1,
  isPrompt: true,
  guards,
  gatewayGuards: guards,
  formerEpoch: 0,
  maxStates: 2_000_000,
} as const satisfies Partial<WorldSpec>;
