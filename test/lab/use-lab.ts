import { expect, inject } from 'vitest';
import type { LabCluster } from './cluster/lab-cluster.js';
import { connectLab } from './lab/connect.js';
import type { ClusterSpec } from './lab/cluster-spec.js';

/**
 * The clusters that a test file needs, by name. They may be shared with the other files of the run that name them, so a
 * file that breaks one, or gives its API server flags, names one of its own. Once its file is through, a cluster stays up
 * for a while: who needs another one may end it.
 *
 * @example
 * const { 'bc-a': cluster } = await useLab({ 'bc-a': { idc: 'bc' } });
 */
export async function useLab<Name extends string>(
  clusters: Readonly<Record<Name, ClusterSpec>>,
): Promise<Readonly<Record<Name, LabCluster>>> {
  return connectLab(inject('labSocket'), clusters, expect.getState().testPath ?? '');
}
