export type { SyncControlAddress } from './address.js';
export type { Steered, SteeredTraffic } from './commands.js';
export { connectSyncControl, type SyncControl } from './connect-control.js';
export { serveSyncControl, type ServeSyncControlOptions, type SyncControlServer } from './serve-control.js';
