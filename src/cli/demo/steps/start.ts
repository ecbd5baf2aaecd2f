import { waitUntil } from '../check.js';
import { appPods, isReady } from '../objects.js';
import type { Step } from '../step.js';
import { checkOrder, type PodTrace, readTrace, readyEvent, startOrder } from '../trace.js';

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
      for (const pod of await appPods(client, signal)) {
        const { name: podName, uid = '' } = pod.metadata;
        const traceOf = (): PodTrace => readTrace(world.traceFile).get(uid) ?? [];
        // Whoever appends it may see the pod ready a moment after the step does.
        await waitUntil(
          `"${readyEvent}" of ${podName} in the trace`,
          () => traceOf().includes(readyEvent) || 'it is not there',
          { deadlineMs: 2000, signal },
        );
        checkOrder(`${name}/${podName}`, traceOf(), startOrder);
        addresses.push(pod.status?.podIP ?? '?');
      }
    }
    return `4 pods at ${addresses.join(', ')}; ${startOrder.join(' < ')}`;
  },
};
