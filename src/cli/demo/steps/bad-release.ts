import { check } from '../check.js';
import { checkNoneFailed } from '../load.js';
import { appPods } from '../objects.js';
import { describeReleaseEvent, failedRelease, release } from '../releases.js';
import type { Step } from '../step.js';
import { clusterOf } from '../world.js';

export const badRelease: Step = {
  name: 'bad-release',
  title: 'version 3 never becomes healthy',
  async run(world, say) {
    const { signal } = world;
    const a = clusterOf(world, 'bc-a');
    const b = clusterOf(world, 'bc-b');
    const before = new Set((await appPods(a.client, signal)).map(({ metadata }) => metadata.uid));
    const writesBefore = await b.platform.writes();
    const error = await failedRelease(
      release(world, '3.0.0', {
        env: { FAIL_PRELOAD: '1' },
        progressDeadlineMs: 8000,
        onEvent: (event) => say(describeReleaseEvent(event)),
      }),
    );
    const { message } = error;
    check(
      error.code === 'RELEASE_PROGRESS_DEADLINE',
      `the release should fail at its deadline, it failed with ${error.code}: ${message}`,
    );
    const fresh = (await appPods(a.client, signal)).filter(({ metadata }) => !before.has(metadata.uid));
    check(
      fresh.some(({ metadata }) => message.includes(metadata.name)),
      `the error names no pod: ${message}`,
    );
    check(message.includes('preload'), `the error does not name the hook: ${message}`);
    check(message.includes('DOWN'), `the error does not have the hook's own output: ${message}`);
    const writes = (await b.platform.writes()) - writesBefore;
    check(writes === 0, `bc-b should not be touched, it got ${writes} API writes`);
    const period = await checkNoneFailed(world, 'rollback');
    const wrong = Object.keys(period.versions).filter((version) => version !== '2.0.0');
    check(wrong.length === 0, `only version 2.0.0 should serve, ${wrong.join(', ')} did too`);
    return `${message.split('\n')[0] ?? ''}; bc-b untouched; ${period.requests} requests, 0 failed, all by 2.0.0`;
  },
};
