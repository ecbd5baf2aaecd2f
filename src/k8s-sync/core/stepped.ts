import type { SyncEffect } from './effect.js';
import type { SyncState } from './state.js';

export interface Stepped {
  readonly state: SyncState;
  readonly effects: readonly SyncEffect[];
}
