// Ten releases one after the other on two real clusters of two nodes, under the demo's load of requests that last up to
// 3 s. None may fail, and none may have needed the gateway's second try.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appPods } from '../../src/cli/demo/objects.js';
import { release } from '../../src/cli/demo/releases.js';
import { apply } from '../../src/cli/demo/steps/apply.js';
import { serve } from '../../src/cli/demo/steps/serve.js';
import { start } from '../../src/cli/demo/steps/start.js';
import { sync } from '../../src/cli/demo/steps/sync.js';
import { startWorld, type World } from '../../src/cli/demo/world.js';
import { demoPlatform } from './demo-platform.js';

const updates = Array.from({ length: 10 }, (_, index) => `${index + 2}.0.0`);
const quiet = (): void => undefined;

describe('ten rolling updates under load', () => {
  const whole = new AbortController();
  const figures: Record<string, number | string>[] = [];
  /** Pods that the observer has seen drained since it began. */
  let drainedBefore = 0;
  let world: World;

  beforeAll(async () => {
    const platform = { ...demoPlatform, deadlineMs: 1_500_000 };
    world = await startWorld({ platform, sabotage: undefined, signal: whole.signal });
    for (const step of [apply, start, sync, serve]) await step.run(world, quiet);
  }, 600_000);
  afterAll(async () => {
    console.table(figures);
    whole.abort();
    await world.stop();
  });

  it.each(updates)(
    '%s replaces every pod of both clusters and fails no request',
    async (version) => {
      const { signal } = whole;
      const before = Date.now();
      await release(world, version, { onEvent: quiet });
      const seconds = Math.round((Date.now() - before) / 100) / 10;
      for (const { client } of world.clusters)
        await expect.poll(async () => (await appPods(client, signal)).length, { timeout: 30_000 }).toBe(2);
      const { requests, failed, retried, requestsPerSecond, failures, drained, versions } = await world.observer.mark(
        `after-${version}`,
      );
      figures.push({ version, seconds, requests, requestsPerSecond, failed, retried });
      const drainedNow = drained.length - drainedBefore;
      drainedBefore = drained.length;
      expect({ failed, failures: failures.slice(0, 5) }).toEqual({ failed: 0, failures: [] });
      expect(retried).toBe(0);
      expect(drainedNow).toBe(4);
      expect(versions[version]?.requests).toBeGreaterThan(0);
    },
    180_000,
  );
});
