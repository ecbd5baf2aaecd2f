import { waitUntil } from '../check.js';
import { isSynced } from '../published.js';
import type { Step } from '../step.js';

export const sync: Step = {
  name: 'sync',
  title: 'k8s-sync brings 4 servers to the gateway',
  async run(world, say) {
    const { signal } = world;
    await Promise.all(world.clusters.map((cluster) => cluster.sync.start()));
    const waited = await Promise.all(
      world.clusters.map(({ name, sync: syncer }) =>
        waitUntil(
          `the servers of ${name} in the gateway`,
          async () => {
            say(`${name}: ${syncer.state()}`);
            const synced = await isSynced(world, name, 2);
            if (synced !== true) return `${synced} (the syncer is ${syncer.state()})`;
            return syncer.state() === 'live' ? true : `the syncer is ${syncer.state()}`;
          },
          { deadlineMs: 10_000, signal },
        ),
      ),
    );
    return `4 servers after ${Math.max(...waited)} ms; the gateway's digests equal the endpoints'`;
  },
};
