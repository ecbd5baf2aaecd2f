import { resources } from '../../../kube/index.js';
import { check, waitUntil } from '../check.js';
import { checkNoneFailed } from '../load.js';
import { appPods, isReady } from '../objects.js';
import { isSynced } from '../published.js';
import { describeReleaseEvent, rollBack } from '../releases.js';
import type { Step } from '../step.js';
import { app, clusterOf, namespace } from '../world.js';

export const rollback: Step = {
  name: 'rollback',
  title: "bc-a back to version 2's stored bundle",
  async run(world, say) {
    const { signal } = world;
    const { client } = clusterOf(world, 'bc-a');
    await rollBack(world, 'bc-a', '2.0.0', (event) => say(describeReleaseEvent(event)));
    const deployment = await client.get(resources.deployments, { namespace, name: app }, { signal });
    const { replicas, paused } = deployment.spec as { replicas?: number; paused?: boolean };
    check(replicas === 3, `bc-a should keep its 3 replicas, it has ${replicas ?? 'none'}`);
    check(paused !== true, 'bc-a is still paused');
    await waitUntil(
      '3 ready pods in bc-a and no other',
      async () => {
        const pods = await appPods(client, signal);
        return (
          (pods.length === 3 && pods.every(isReady)) || `${pods.filter(isReady).length} of ${pods.length} are ready`
        );
      },
      { deadlineMs: 15_000, signal },
    );
    await waitUntil("bc-a's three servers in the gateway", () => isSynced(world, 'bc-a', 3), {
      deadlineMs: 5000,
      signal,
    });
    const period = await checkNoneFailed(world, 'stop');
    return `3 replicas of 2.0.0; ${period.requests} requests, 0 failed`;
  },
};
