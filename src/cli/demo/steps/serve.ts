import { setTimeout as delay } from 'node:timers/promises';
import { check, waitUntil } from '../check.js';
import { checkNoneFailed } from '../load.js';
import { appPods } from '../objects.js';
import type { Step } from '../step.js';
import { checkOrder, firstRequestOrder, readTrace } from '../trace.js';

export const serve: Step = {
  name: 'serve',
  title: 'load through the gateway; all four pods answer',
  async run(world) {
    const { signal, observer } = world;
    await observer.start();
    const uids = new Map<string, string>();
    for (const { name, client } of world.clusters) {
      for (const pod of await appPods(client, signal)) uids.set(pod.metadata.uid ?? '', `${name}/${pod.metadata.name}`);
    }
    await waitUntil(
      'an answer of every pod',
      async () => {
        const { pods } = await observer.report();
        const silent = [...uids].filter(([uid]) => pods[uid] === undefined).map(([, name]) => name);
        return silent.length === 0 ? true : `no answer of ${silent.join(', ')}`;
      },
      { deadlineMs: 5000, signal },
    );
    await delay(1500, undefined, { signal });
    const period = await checkNoneFailed(world, 'release');
    check(
      period.requestsPerSecond >= 200,
      `the load is ${period.requestsPerSecond} requests/s, at least 200 are wanted`,
    );
    const trace = readTrace(world.traceFile);
    for (const [uid, name] of uids) checkOrder(name, trace.get(uid) ?? [], firstRequestOrder);
    return `${period.requests} requests at ${period.requestsPerSecond}/s, 0 failed, ${Object.keys(period.pods).length} pods answered`;
  },
};
