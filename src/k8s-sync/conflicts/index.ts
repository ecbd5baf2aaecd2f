export { type SyncConflict, tellSources } from './conflict.js';
export { ConflictWatch } from './conflict-watch.js';
