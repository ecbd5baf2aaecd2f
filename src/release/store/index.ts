export { beginStored, endStored, inventoryOf, listReleases, type ListReleasesOptions, pruneStored } from './store.js';
export type { StoredRelease, StoredStatus } from './stored-release.js';
