import { waitUntil } from '../check.js';
import { appPods, isReady } from '../objects.js';
import type { Step } from '../step.js';
import { checkOrder, readTrace, startOrder } from '../trace.js';

export const start: Step = {
  name: 'start',
  title: 'pods start: helper, app, preload, online, ready',
  async run(world, say) {
    const { signal } = world;
    const addresses: string[] = [];
    for (const { name, client } of world.clusters) {
      await waitUntil(
        `2 ready pods in ${name}`,
        async () => {
          const pods = await appPods(client, signal);
          const ready = pods.filter(isReady);
          say(`${name}: ${ready.length} of ${pods.length} pods ready`);
          return ready.length === 2 && pods.length === 2 ? true : `${ready.length} of ${pods.length} ready`;
        },
        { deadlineMs: 20_000, signal },
      );
      const trace = readTrace(world.traceFile);
      for (const pod of await appPods(client, signal)) {
        checkOrder(`${name}/${pod.metadata.name}`, trace.get(pod.metadata.uid ?? '') ?? [], startOrder);
        addresses.push(pod.status?.podIP ?? '?');
      }
    }
    return `4 pods at ${addresses.join(', ')}; ${startOrder.join(' < ')}`;
  },
};
