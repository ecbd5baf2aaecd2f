import type { ClusterStore, StoreEvent } from '../store.js';
import { deploymentsOf, reconcileDeployment } from './deployment.js';
import { reconcileEndpointSlices, servicesOf } from './endpoint-slice.js';
import { collectGarbage, garbageOf } from './garbage.js';
import { nodesOf, reconcileNode } from './node-lifecycle.js';
import { replicaSetsOf, reconcileReplicaSet } from './replica-set.js';
import { reconcileUnscheduled, unscheduledOf } from './scheduler.js';
import { createWorkLoop } from './work-loop.js';

interface Controller {
  readonly name: string;
  /** Which keys a change concerns. */
  readonly keys: (store: ClusterStore, event: StoreEvent) => string[];
  /** Answers the milliseconds after which time alone calls for another look. */
  readonly reconcile: (store: ClusterStore, key: string, now: number) => number | undefined;
}

const controllers: readonly Controller[] = [
  { name: 'deployment', keys: deploymentsOf, reconcile: reconcileDeployment },
  { name: 'replicaset', keys: replicaSetsOf, reconcile: reconcileReplicaSet },
  { name: 'scheduler', keys: unscheduledOf, reconcile: reconcileUnscheduled },
  { name: 'node', keys: (_, event) => nodesOf(event), reconcile: reconcileNode },
  { name: 'endpointslice', keys: servicesOf, reconcile: reconcileEndpointSlices },
  { name: 'garbage', keys: (_, event) => garbageOf(event), reconcile: collectGarbage },
];

export interface ControllersOptions {
  readonly store: ClusterStore;
  /** A reconcile that threw; it is tried again with back-off. Default: nothing. */
  onError?(controller: string, key: string, error: unknown): void;
}

/** Starts every controller of the embedded cluster; each follows the store's changes until `stop`. */
export function startControllers(options: ControllersOptions): { stop(): void } {
  const { store } = options;
  const running = controllers.map(({ name, keys, reconcile }) => {
    const loop = createWorkLoop({
      reconcile: (key) => reconcile(store, key, Date.now()),
      onError: (key, error) => options.onError?.(name, key, error),
    });
    const unsubscribe = store.subscribe((event) => {
      for (const key of keys(store, event)) loop.add(key);
    });
    return { loop, unsubscribe };
  });
  return {
    stop() {
      for (const { loop, unsubscribe } of running) {
        unsubscribe();
        loop.stop();
      }
    },
  };
}
