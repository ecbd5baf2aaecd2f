import { scale } from '../../../release/index.js';
import { bundlesOf } from '../bundles.js';
import { check } from '../check.js';
import { applyObject } from '../objects.js';
import type { Step } from '../step.js';
import { app, clusterOf, namespace } from '../world.js';

export const apply: Step = {
  name: 'apply',
  title: 'server-side apply to both clusters',
  async run(world) {
    const { signal } = world;
    let applied = 0;
    for (const bundle of await bundlesOf(world, '1.0.0')) {
      const { client } = clusterOf(world, bundle.cluster);
      for (const object of bundle.objects) {
        const answer = await applyObject(client, object, signal);
        check(
          answer.metadata.uid !== undefined,
          `${bundle.cluster}: ${object.kind} ${object.metadata.name} has no uid after apply`,
        );
        applied += 1;
      }
      await scale({ client, namespace, name: app, replicas: 2, signal });
    }
    return `${applied} objects applied, 2 replicas in each cluster`;
  },
};
