// What must be the case in the end, when the input stays as it is.
import { entriesOf } from './entries.js';
import { isServing, type Server, serverKey } from '../../src/members/index.js';
import { isEverywhere } from './barrier.js';
import type { ModelState } from './state.js';
import { keyOf, type PodSpec, upstreamOf, type WorldSpec } from './world.js';

/** Why this is not what is desired; undefined when it is. */
export function undesired(world: WorldSpec, state: ModelState): string | undefined {
  for (const { name, core, lease } of Object.values(state.processes)) {
    if (lease !== 'held') return `${name} does not lead`;
    if (core.health.phase !== 'live') return `${name} is ${core.health.phase}`;
    const placed = entriesOf(core.upstreams).flatMap(([, one]) => Object.values(one.placed));
    if (placed.some(({ unconfirmed, uncertain }) => unconfirmed.length > 0 || uncertain))
      return `${name} does not know of what it wrote`;
  }
  if (state.calls.some(({ ask }) => ask.type === 'write')) return 'something is still being written';
  for (const [name, instance] of Object.entries(state.gateways)) {
    if (!isEverywhere(instance)) return `a worker of ${name} lags`;
    for (const pod of world.pods) {
      const servers = instance.entries[upstreamOf(pod.app)]?.servers ?? [];
      const why = wrongAt(
        world,
        state,
        pod,
        servers.find((server) => serverKey(server) === keyOf(pod)),
      );
      if (why !== undefined) return `${name} ${why}`;
    }
    const known = new Set(world.pods.map(keyOf));
    const unknown = Object.values(instance.entries).flatMap(({ servers }) => servers.map(serverKey));
    const stranger = unknown.find((key) => !known.has(key));
    if (stranger !== undefined) return `${name} has ${stranger}`;
  }
  return undefined;
}

function wrongAt(world: WorldSpec, state: ModelState, pod: PodSpec, server: Server | undefined): string | undefined {
  const { pods, apps } = state.cluster;
  const isThere = apps.includes(pod.app);
  const condition = isThere ? (pods[pod.uid] ?? 'gone') : 'gone';
  const others = world.pods.filter(({ uid, app }) => app === pod.app && uid !== pod.uid && pods[uid] === 'ready');
  const serves = server !== undefined && isServing(server);
  switch (condition) {
    case 'ready':
      return serves ? undefined : `does not serve ${pod.uid}, which is ready`;
    case 'planned':
    case 'gone':
      return server === undefined ? undefined : `has ${pod.uid}, which is gone`;
    case 'ended':
      return serves && !isHeld(state, pod) ? `serves ${pod.uid}, which has ended` : undefined;
    case 'terminating':
      return serves && others.length > 0 ? `serves ${pod.uid}, which is terminating, beside others` : undefined;
    default: {
      const isTaken = world.pods.some(({ uid, at }) => at === pod.at && uid !== pod.uid && pods[uid] === 'ready');
      if (serves && isTaken) return `serves ${pod.uid}, whose address has another pod`;
      return serves && !isHeld(state, pod) ? `serves ${pod.uid}, which is not ready and is not held` : undefined;
    }
  }
}

const isHeld = ({ processes }: ModelState, pod: PodSpec): boolean =>
  Object.values(processes).some(({ core }) =>
    entriesOf(core.upstreams).some(([, { holds }]) =>
      Object.values(holds).some(({ servers }) => servers.includes(keyOf(pod))),
    ),
  );
