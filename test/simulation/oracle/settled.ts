import { serverKey, upstreamOf } from '../../../src/members/index.js';
import { shardEntries } from '../../../src/k8s-sync/core/index.js';
import { apps } from '../cluster/apps.js';
import type { Cluster } from '../cluster/cluster.js';
import type { World } from '../world.js';
import type { Violation } from './oracle.js';

/** What each gateway should have of a cluster by now: its ready pods, of apps that have a Service. */
function wanted({ api }: Cluster): string[] {
  return [...api.pods.values()]
    .flatMap(({ app, color, ip, uid }) =>
      apps
        .filter((one) => one.app === app && one.color === color && api.services.has(one.service))
        .flatMap(({ ports }) =>
          ports.map(({ role, port }) => `${upstreamOf({ app, role })} ${ip}:${port}|${uid} up ${color}`),
        ),
    )
    .sort();
}

/** Whether everything came to rest as it should be; the first thing that did not. */
export function unsettled(world: World, quietSince: number): Violation | undefined {
  const say = (invariant: string, message: string): Violation => ({ invariant, message });
  for (const cluster of world.clusters) {
    const { name } = cluster.api;
    if (!cluster.healthy) return say('unhealthy', `${name} has pods that are not ready: the simulation is wrong`);
    for (const instance of world.instances) {
      const has = instance
        .entriesOf(`k8s.bc.${name}`)
        .flatMap(({ upstream, servers }) =>
          servers.map((server) => `${upstream} ${serverKey(server)} ${server.state} ${server.labels['color'] ?? ''}`),
        )
        .sort();
      const should = wanted(cluster);
      const missing = should.filter((one) => !has.includes(one));
      const extra = has.filter((one) => !should.includes(one));
      if (missing.length + extra.length > 0)
        return say(
          'unequal',
          `${name} at ${instance.name} misses [${missing.join(', ')}] and has [${extra.join(', ')}] too many`,
        );
      if (!instance.isSettled) return say('unsettled-worker', `${instance.name} has a worker that lags`);
    }
    const leaders = world.living.filter(({ api, state }) => api.api === cluster.api && state.epoch !== null);
    if (leaders.length !== 1) return say('leaders', `${name} has ${leaders.length} leaders`);
    for (const { name: process, state } of leaders) {
      if (state.health.phase !== 'live') return say('not-live', `${process} is ${state.health.phase}`);
      for (const [upstream, { placed, holds }] of shardEntries(state.upstreams)) {
        if (Object.keys(holds).length > 0) return say('held', `${process}: ${upstream} holds ${JSON.stringify(holds)}`);
        for (const [gateway, { unconfirmed, inFlight, uncertain }] of Object.entries(placed))
          if (unconfirmed.length > 0 || inFlight !== null || uncertain)
            return say('unconfirmed', `${process}: ${upstream} at ${gateway} is not confirmed`);
      }
    }
  }
  if (world.oracle.lastAppliedAt > quietSince)
    return say(
      'restless',
      `a write was applied at ${world.oracle.lastAppliedAt} ms, though nothing has changed for long`,
    );
  return undefined;
}
