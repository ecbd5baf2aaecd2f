import type { Bundle } from 'youzan-kube/constructs';
import { connectFleet, type Fleet } from '../../fleet/index.js';
import { diffRelease, type ObjectDifference, planRelease } from '../../release/index.js';

export interface ClusterDiffOptions {
  readonly fleet: Fleet;
  readonly bundles: AsyncIterable<Bundle>;
  readonly signal: AbortSignal;
}

/** What an apply of the bundles would change in their clusters, as the servers' dry runs say. Nothing is written. */
export async function clusterDifferences(options: ClusterDiffOptions): Promise<readonly ObjectDifference[]> {
  const { fleet, bundles, signal } = options;
  const connections = connectFleet(fleet);
  try {
    const differences: ObjectDifference[] = [];
    for await (const bundle of bundles) {
      const { app } = bundle;
      // The deadline is of the rollout, and none takes place.
      const plan = planRelease({ app, version: '', bundles: [bundle], policy: { progressDeadlineMs: 1 } });
      differences.push(...(await diffRelease(plan, connections.clients, signal)));
    }
    return differences.filter(({ change }) => change !== 'none');
  } finally {
    await connections.close();
  }
}
