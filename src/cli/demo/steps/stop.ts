import { resources } from '../../../kube/index.js';
import { check, waitUntil } from '../check.js';
import { appPods } from '../objects.js';
import { gatewayServers } from '../published.js';
import type { Step } from '../step.js';
import { checkOrder, readTrace, stopOrder } from '../trace.js';
import { app, namespace } from '../world.js';

export const stop: Step = {
  name: 'stop',
  title: 'teardown through preStop; the gateway ends empty, by proof',
  async run(world, say) {
    const { signal, observer, embeddedGateway } = world;
    const report = await observer.stop();
    check(report.failed === 0, `${report.failed} requests failed: ${JSON.stringify(report.failures.slice(0, 5))}`);
    const pods: { readonly cluster: string; readonly name: string; readonly uid: string }[] = [];
    for (const { name, client } of world.clusters) {
      for (const { metadata } of await appPods(client, signal))
        pods.push({ cluster: name, name: metadata.name, uid: metadata.uid ?? '' });
      await client.delete(resources.deployments, { namespace, name: app }, { propagationPolicy: 'Background', signal });
    }
    for (const { name, client, sync } of world.clusters) {
      await waitUntil(
        `${name} to end without pods and servers`,
        async () => {
          const left = (await appPods(client, signal)).length;
          const servers = (await gatewayServers(world, name)).length;
          say(`${name}: ${left} pods, ${servers} servers`);
          return (left === 0 && servers === 0) || `${left} pods, ${servers} servers; ${name} is ${sync.state()}`;
        },
        { deadlineMs: 25_000, signal },
      );
      check(sync.state() === 'live', `${name} should be seen to its end, it is ${sync.state()}`);
    }
    const trace = readTrace(world.traceFile);
    const order = stopOrder.filter((event) => event !== 'last:app answer');
    for (const { cluster, name, uid } of pods) checkOrder(`${cluster}/${name}`, trace.get(uid) ?? [], order);
    const undrained = embeddedGateway.stats().history.flatMap((entry) => entry.undrained);
    check(undrained.length === 0, `servers were removed while up: ${undrained.join(', ')}`);
    return `${pods.length} pods gone through preStop; 0 servers left, each drained before it was removed`;
  },
};
