import { resources } from '../../../kube/index.js';
import { check, waitUntil } from '../check.js';
import { checkNoneFailed } from '../load.js';
import { appPods } from '../objects.js';
import { isSynced } from '../published.js';
import { describeReleaseEvent, failedRelease, release, rollBack } from '../releases.js';
import type { Step } from '../step.js';
import { app, clusterOf, namespace } from '../world.js';

export const syncBroken: Step = {
  name: 'sync-broken',
  title: "the gateway refuses bc-a's writes during a release",
  async run(world, say) {
    const { signal, embeddedGateway } = world;
    const a = clusterOf(world, 'bc-a');
    const b = clusterOf(world, 'bc-b');
    const before = new Set((await appPods(a.client, signal)).map(({ metadata }) => metadata.uid));
    const writesBefore = await b.platform.writes();

    embeddedGateway.faults.refuseWrites('k8s.bc.bc-a', 503);
    let message: string;
    try {
      const error = await failedRelease(
        release(world, '2.1.0', { onEvent: (event) => say(describeReleaseEvent(event)) }),
      );
      message = error.message;
      check(
        error.code === 'RELEASE_NOT_PUBLISHED',
        `the release should fail as not published, it failed with ${error.code}: ${message}`,
      );
      const pods = await appPods(a.client, signal);
      const unpublished = pods.filter(({ metadata }) => !before.has(metadata.uid));
      check(
        unpublished.some(({ metadata }) => message.includes(metadata.name)),
        `the release's error names no unpublished pod: ${message}`,
      );
      const old = pods.filter(({ metadata }) => before.has(metadata.uid) && metadata.deletionTimestamp === undefined);
      check(old.length === 2, `the 2 old pods of bc-a should go on serving, ${old.length} do`);
      const deployment = await a.client.get(resources.deployments, { namespace, name: app }, { signal });
      check((deployment.spec as { paused?: boolean }).paused === true, "bc-a's rollout should be paused");
      const writes = (await b.platform.writes()) - writesBefore;
      check(writes === 0, `bc-b should get no API write, it got ${writes}`);
    } finally {
      embeddedGateway.faults.acceptWrites();
    }
    say('rolling bc-a back');
    await rollBack(world, 'bc-a', '2.0.0', (event) => say(describeReleaseEvent(event)));
    await waitUntil("bc-a's two servers in the gateway", () => isSynced(world, 'bc-a', 2), {
      deadlineMs: 15_000,
      signal,
    });
    const period = await checkNoneFailed(world, 'cluster-lost');
    return `${message.split('\n')[0] ?? ''}; bc-b untouched; ${period.requests} requests, 0 failed`;
  },
};
