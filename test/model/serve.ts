// What a gateway or the cluster does with a call that has arrived, and what it answers.
import {
  epochOf,
  type GatewayFailure,
  type PodProof,
  shardGet,
  type SyncEvent,
} from '../../src/k8s-sync/core/index.js';
import { digestOf } from '../../src/members/index.js';
import { claim, storeIdOf, write } from './gateway.js';
import { check, instanceOf } from './judge.js';
import { type Scene, setProcess } from './process.js';
import { type Call, type GatewayEffect, type InstanceTruth, type ModelState, Violation, type Write } from './state.js';

type Confirm = Extract<GatewayEffect, { type: 'confirm' }>;

export function confirmedEvent(state: ModelState, { gateway, revision }: Confirm): SyncEvent {
  const instance = instanceOf(state, gateway);
  const lagging = instance.workers.flatMap(({ applied }, index) => (applied < revision ? [`w${index}`] : []));
  const storeId = storeIdOf(gateway, instance);
  return { type: 'confirmed', gateway, storeId, revision, applied: lagging.length === 0, lagging };
}

interface Served {
  readonly state: ModelState;
  readonly answer: SyncEvent;
}

export function serve(scene: Scene, state: ModelState, call: Call): Served {
  const { ask } = call;
  switch (ask.type) {
    case 'prove':
      return { state, answer: proofOf(scene, state, ask) };
    case 'confirm':
      return { state, answer: confirmedEvent(state, ask) };
    case 'claim': {
      const { gateway, generation } = ask;
      const outcome = claim(instanceOf(state, gateway), generation, call.process);
      if ('refusal' in outcome) return { state, answer: failed(call, outcome.refusal) };
      const storeId = storeIdOf(gateway, outcome.instance);
      return {
        state: setGateway(state, gateway, outcome.instance),
        answer: { type: 'claimed', gateway, generation, storeId },
      };
    }
    case 'read-sources': {
      const { gateway, look } = ask;
      const { entries } = instanceOf(state, gateway);
      const sources = Object.entries(entries).map(([upstream, { servers, revision }]) => ({
        upstream,
        servers,
        revision,
      }));
      return { state, answer: { type: 'sources', gateway, look, sources } };
    }
    case 'read': {
      const { gateway, upstream, look } = ask;
      const { servers = [], revision = 0 } = instanceOf(state, gateway).entries[upstream] ?? {};
      return { state, answer: { type: 'read', gateway, upstream, look, servers, revision } };
    }
    case 'write':
      return serveWrite(scene, state, call, ask);
  }
}

function serveWrite(
  scene: Scene,
  state: ModelState,
  call: Call,
  ask: Extract<GatewayEffect, { type: 'write' }>,
): Served {
  const { world } = scene;
  const { gateway, upstream, generation, servers, force } = ask;
  const before = instanceOf(state, gateway);
  const outcome = write(
    before,
    { upstream, generation, servers, isForced: force !== null },
    world.gatewayGuards,
    state.now,
  );
  if ('refusal' in outcome) return { state, answer: failed(call, outcome.refusal) };
  const { instance, done } = outcome;
  const answer = {
    type: 'written' as const,
    gateway,
    upstream,
    generation,
    storeId: storeIdOf(gateway, instance),
    revision: done.revision,
    digest: digestOf(servers),
    changed: done.changed,
  };
  const next = setGateway(state, gateway, call.stage === 'orphan' ? unknownTo(instance, upstream) : instance);
  if (call.judged === null || instance.entries[upstream]?.generation === before.entries[upstream]?.generation)
    return { state: next, answer };
  if (call.stage === 'orphan') checkOvertaken(state, call.process, ask);
  const isUnsettled = state.calls.some(
    ({ ask: other, stage }) => stage === 'orphan' && other.type === 'write' && other.gateway === gateway,
  );
  const losses = check(world, { state, process: call.process, write: ask, judged: call.judged, isUnsettled });
  const isThere = next.processes[call.process] !== undefined;
  return { state: isThere ? setProcess(next, call.process, { losses }) : next, answer };
}

/** The process has given up waiting: what it knows of is the entry before. */
function unknownTo(instance: InstanceTruth, upstream: string): InstanceTruth {
  const entry = instance.entries[upstream];
  if (entry === undefined) return instance;
  return { ...instance, entries: { ...instance.entries, [upstream]: { ...entry, isAltered: true } } };
}

/** A late write must not change what its process believes to be at rest: the next one overtakes it. */
function checkOvertaken({ processes }: ModelState, name: string, { gateway, upstream, generation }: Write): void {
  const core = processes[name]?.core;
  const placed = core && shardGet(core.upstreams, upstream)?.placed[gateway];
  if (placed === undefined || core?.epoch !== epochOf(generation)) return;
  const isAtRest = !placed.uncertain && !placed.unsettled && placed.inFlight === null && placed.look === null;
  if (isAtRest) throw new Violation('not-overtaken', `a late write to ${gateway} is applied, and nobody knows of it`);
}

export const setGateway = (state: ModelState, name: string, instance: InstanceTruth): ModelState => ({
  ...state,
  gateways: { ...state.gateways, [name]: instance },
});

/** What a consistent look at the cluster says. */
function proofOf({ world }: Scene, { cluster }: ModelState, ask: Extract<Call['ask'], { type: 'prove' }>): SyncEvent {
  const pods = Object.entries(ask.pods).map(([key, { uid }]): [string, PodProof] => {
    const condition = cluster.pods[uid] ?? 'gone';
    if (condition === 'gone' || condition === 'planned') return [key, 'gone'];
    return [key, condition === 'terminating' || condition === 'ended' ? 'terminating' : 'alive'];
  });
  const living = new Set(world.pods.filter(({ app }) => cluster.apps.includes(app)).map(({ app }) => `default/${app}`));
  const servicesGone = ask.services.filter((service) => !living.has(service));
  return { type: 'proof', upstream: ask.upstream, pods: Object.fromEntries(pods), servicesGone };
}

export function failed({ ask }: Call, reason: GatewayFailure): SyncEvent {
  if (ask.type === 'prove') return { type: 'proof-failed', upstream: ask.upstream, reason: reason.code };
  const { gateway } = ask;
  switch (ask.type) {
    case 'claim':
      return { type: 'claim-failed', gateway, generation: ask.generation, failure: reason };
    case 'read-sources':
      return { type: 'sources-failed', gateway, look: ask.look, failure: reason };
    case 'read':
      return { type: 'read-failed', gateway, upstream: ask.upstream, look: ask.look, failure: reason };
    case 'write':
      return { type: 'write-failed', gateway, upstream: ask.upstream, generation: ask.generation, failure: reason };
    case 'confirm':
      return { type: 'confirm-failed', gateway, failure: reason };
  }
}
