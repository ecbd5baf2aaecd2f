import { idleInstance, type InstanceState, type SyncState } from './state.js';
import type { Stepped } from './stepped.js';

export function instanceOf(state: SyncState, gateway: string): InstanceState {
  return state.instances[gateway] ?? idleInstance;
}

export function setInstance(state: SyncState, gateway: string, change: Partial<InstanceState>): SyncState {
  return { ...state, instances: { ...state.instances, [gateway]: { ...instanceOf(state, gateway), ...change } } };
}

/** Asks for all that the instance has of our source; what was asked for before is not waited for any more. */
export function lookAt(state: SyncState, gateway: string): Stepped {
  const look = instanceOf(state, gateway).looks + 1;
  return {
    state: setInstance(state, gateway, { looks: look, look }),
    effects: [{ type: 'read-sources', gateway, look }],
  };
}
