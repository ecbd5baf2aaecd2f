import { scale } from '../../../release/index.js';
import { check, waitUntil } from '../check.js';
import { checkNoneFailed } from '../load.js';
import { gatewayServers, isSynced, sourceWrites } from '../published.js';
import type { Step } from '../step.js';
import { app, clusterOf, namespace } from '../world.js';

export const clusterLost: Step = {
  name: 'cluster-lost',
  title: "bc-b's API server hangs; bc-a scales 2 -> 3",
  async run(world, say) {
    const { signal, embeddedGateway } = world;
    const a = clusterOf(world, 'bc-a');
    const b = clusterOf(world, 'bc-b');
    const writes = (): number => sourceWrites(embeddedGateway.stats(), 'k8s.bc.bc-b');
    const writesBefore = writes();
    const serving = (await gatewayServers(world, 'bc-b'))
      .map(({ ip }) => ip)
      .sort()
      .join();
    let thirdMs: number;

    try {
      await b.platform.partition();
      await waitUntil('bc-b to be suspect', () => b.sync.state() === 'suspect' || `it is ${b.sync.state()}`, {
        deadlineMs: 10_000,
        signal,
        everyMs: 50,
      });
      say('bc-b is suspect; scaling bc-a');
      await scale({ client: a.client, namespace, name: app, replicas: 3, signal });
      thirdMs = await waitUntil(
        "bc-a's third server in the gateway",
        async () =>
          (await gatewayServers(world, 'bc-a')).filter(({ state }) => state === 'up').length === 3 || 'it is not there',
        { deadlineMs: 15_000, signal },
      );
      say(`bc-a's third server after ${thirdMs} ms; waiting for bc-b to be frozen`);
      await waitUntil('bc-b to be frozen', () => b.sync.state() === 'frozen' || `it is ${b.sync.state()}`, {
        deadlineMs: 15_000,
        signal,
        everyMs: 50,
      });
      const kept = (await gatewayServers(world, 'bc-b'))
        .filter(({ state }) => state === 'up')
        .map(({ ip }) => ip)
        .sort()
        .join();
      check(
        kept === serving,
        `bc-b's servers were ${serving}; while it cannot be seen the gateway has ${kept || 'none'}`,
      );
    } finally {
      await b.platform.heal();
    }
    const backMs = await waitUntil(
      'bc-b to be live again',
      () => b.sync.state() === 'live' || `it is ${b.sync.state()}`,
      { deadlineMs: 20_000, signal },
    );
    await waitUntil("bc-b's two servers", () => isSynced(world, 'bc-b', 2), { deadlineMs: 5000, signal });
    await waitUntil("bc-a's three servers", () => isSynced(world, 'bc-a', 3), { deadlineMs: 5000, signal });
    const made = writes() - writesBefore;
    check(
      made === 0,
      `bc-b's source should not be written during the fault and the return, the gateway counts ${made} writes`,
    );
    const period = await checkNoneFailed(world, 'bad-release');
    return `bc-b suspect, frozen, live again after ${backMs} ms, 0 source writes; bc-a's third server after ${thirdMs} ms; ${period.requests} requests, 0 failed`;
  },
};
