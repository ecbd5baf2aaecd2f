import { check, waitUntil } from '../check.js';
import { checkNoneFailed } from '../load.js';
import { appPods } from '../objects.js';
import { describeReleaseEvent, release as releaseVersion } from '../releases.js';
import type { Step } from '../step.js';
import { checkOrder, readTrace, stopOrder } from '../trace.js';

export const release: Step = {
  name: 'release',
  title: 'version 2, cluster by cluster, under load',
  async run(world, say) {
    await releaseVersion(world, '2.0.0', { onEvent: (event) => say(describeReleaseEvent(event)) });
    say('waiting for the old pods to end');
    for (const { name, client } of world.clusters) {
      await waitUntil(
        `the old pods of ${name} to end`,
        async () => (await appPods(client, world.signal)).length === 2 || 'some are left',
        { deadlineMs: 15_000, signal: world.signal },
      );
    }
    const period = await checkNoneFailed(world, 'sync-broken');
    const { retried, drained } = period;
    check(retried === 0, `the gateway retried ${retried} requests: a drain came too late`);
    check(drained.length === 4, `4 pods were to be drained, ${drained.length} were`);
    const idle = drained.filter(({ longRequestInFlight }) => longRequestInFlight !== true);
    check(
      idle.length === 0,
      `no 3 s request was in flight when ${idle.map(({ name }) => name).join(', ')} was drained: the proof is void`,
    );
    const trace = readTrace(world.traceFile);
    for (const { uid, name, cluster } of drained) checkOrder(`${cluster}/${name}`, trace.get(uid) ?? [], stopOrder);
    return `${period.requests} requests, 0 failed, 0 retried; 4 pods drained with a 3 s request in flight; ${stopOrder.map((event) => event.replace('last:', 'last ')).join(' < ')}`;
  },
};
