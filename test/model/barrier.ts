// Whether the publish barrier says yes, and whether it is right.
import { digestOf, isServing, membersOfSlices, type Server, serverKey } from '../../src/members/index.js';
import type { GatewayView, PodView, PublishObservation } from '../../src/publish/index.js';
import type { Scene } from './process.js';
import { type Conditions, type InstanceTruth, type ModelState, Violation } from './state.js';
import { addressOf, appsOf, keyOf, listed, port, sliceOf, upstreamOf, type WorldSpec } from './world.js';

/** The pods are listed, the gateways are read, the pods are listed again: `before` is what the first list said. */
export function checkBarrier({ world, shipped }: Scene, state: ModelState, before: Conditions): void {
  for (const app of appsOf(world)) {
    const { published } = shipped.comparePublished(observe(world, state, before, app));
    const wrong = published ? whyWrong(world, state, app) : undefined;
    if (wrong !== undefined) throw new Violation('barrier', `${app} counts as published, and ${wrong}`);
  }
}

function observe(
  world: WorldSpec,
  { cluster, gateways }: ModelState,
  before: Conditions,
  app: string,
): PublishObservation {
  const isThere = cluster.apps.includes(app);
  const selector = { app };
  const own = listed(world, app, cluster.pods);
  return {
    scope: { namespace: 'default', app },
    services: isThere
      ? [{ name: app, color: 'stable', sc: '', selector, ports: [{ role: 'http', target: port }] }]
      : [],
    workloads: isThere
      ? [{ name: app, color: 'stable', sc: '', replicas: wants(world, cluster.pods, app), observed: true }]
      : [],
    podsBefore: podsOf(world, before, app),
    podsAfter: podsOf(world, cluster.pods, app),
    members: membersOfSlices(isThere ? [sliceOf(world, app, own)] : []),
    gateways: Object.entries(gateways).map(([name, instance]) => viewOf(name, instance, app)),
  };
}

/** A workload wants the pods that have not come to an end. */
const wants = (world: WorldSpec, pods: Conditions, app: string): number =>
  world.pods.filter((pod) => pod.app === app && !['ended', 'gone', 'terminating'].includes(pods[pod.uid] ?? 'gone'))
    .length;

function podsOf(world: WorldSpec, pods: Conditions, app: string): PodView[] {
  return world.pods.flatMap((pod): PodView[] => {
    const condition = pods[pod.uid] ?? 'gone';
    if (pod.app !== app || condition === 'planned' || condition === 'gone') return [];
    return [
      {
        name: `pod-${pod.uid}`,
        uid: pod.uid,
        ip: addressOf(pod),
        ready: condition === 'ready' || condition === 'moving',
        terminating: condition === 'terminating' || condition === 'ended',
        templateHash: 'h1',
        labels: { app },
        ports: {},
      },
    ];
  });
}

function viewOf(name: string, { entries, workers }: InstanceTruth, app: string): GatewayView {
  const upstream = upstreamOf(app);
  const entry = entries[upstream];
  const lagging = workers.flatMap(({ applied }, index) => (applied < (entry?.revision ?? 0) ? [`w${index}`] : []));
  const contents = entry === undefined ? [] : [{ upstream, servers: entry.servers, lagging }];
  return { name, servingWorkers: workers.length, contents };
}

function whyWrong(world: WorldSpec, { cluster, gateways }: ModelState, app: string): string | undefined {
  const ready = world.pods.filter(
    (pod) => pod.app === app && cluster.apps.includes(app) && cluster.pods[pod.uid] === 'ready',
  );
  const wanted = ready.map(keyOf).sort().join();
  const isWanted = wants(world, cluster.pods, app) > 0 && cluster.apps.includes(app);
  if (wanted === '' && isWanted) return 'its pods are not ready yet';
  for (const [name, { workers }] of Object.entries(gateways))
    for (const { servers } of workers) {
      const serves = servingKeys(servers[upstreamOf(app)] ?? []);
      if (serves !== wanted) return `a worker of ${name} serves [${serves}], not [${wanted}]`;
    }
  return undefined;
}

const servingKeys = (servers: readonly Server[]): string => servers.filter(isServing).map(serverKey).sort().join();

/** Whether every worker has what its instance has. */
export const isEverywhere = ({ entries, workers }: InstanceTruth): boolean =>
  workers.every(({ servers }) =>
    Object.entries(entries).every(([name, entry]) => digestOf(servers[name] ?? []) === digestOf(entry.servers)),
  );
