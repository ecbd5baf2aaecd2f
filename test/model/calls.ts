// What was asked for arrives, is done, and is answered: as it should be, or with a fault on the way.
import {
  epochOf,
  type GatewayFailure,
  type PodProof,
  shardGet,
  type SyncEvent,
} from '../../src/k8s-sync/core/index.js';
import { digestOf } from '../../src/members/index.js';
import type { Action } from './action.js';
import { claim, failure, storeIdOf, write } from './gateway.js';
import { check, instanceOf } from './judge.js';
import { type Scene, setProcess, take } from './process.js';
import { type Call, type GatewayEffect, type InstanceTruth, type ModelState, Violation, type Write } from './state.js';
import { tickMs } from './time.js';

export function callActions(scene: Scene, state: ModelState): Action[] {
  return state.calls.flatMap((call): Action[] => {
    const isHeard = state.processes[call.process]?.isPaused === false;
    if (call.stage === 'answered')
      return isHeard
        ? [{ text: () => `${call.process} hears: ${textOf(call)}`, run: () => hear(scene, state, call) }]
        : [];
    if (call.ask.type === 'confirm') {
      const { ask } = call;
      const instance = instanceOf(state, ask.gateway);
      // A revision of a former store is waited for in vain.
      const isDone = ask.revision > instance.revision || isApplied(instance, ask.revision);
      const run = (): ModelState => answerNow(scene, state, call, confirmedEvent(state, ask));
      return isDone && isHeard ? [{ text: () => `${call.process} hears: ${textOf(call)}`, run }] : [];
    }
    return [arrival(scene, state, call)];
  });
}

export function arrival(scene: Scene, state: ModelState, call: Call): Action {
  const how = call.stage === 'orphan' ? ' late, nobody waits for it' : '';
  return { text: () => `${call.process}'s ${textOf(call)} arrives${how}`, run: () => arrive(scene, state, call) };
}

/** What may go wrong with each call. */
export function callFaults(scene: Scene, state: ModelState, calls: readonly Call[]): Action[] {
  const { faults } = scene.world;
  const waiting = calls.filter(
    ({ stage, process }) => stage === 'sent' && state.processes[process]?.isPaused === false,
  );
  return waiting.flatMap((call) => {
    const named = (fault: string, run: () => ModelState): Action => ({
      text: () => `FAULT ${call.process}'s ${textOf(call)} ${fault}`,
      run,
    });
    const fails = (code: string, change: Partial<GatewayFailure>, from = state): ModelState =>
      answerNow(scene, from, call, failed(call, failure(code, change)));
    const actions: Action[] = [];
    if (faults.includes('refused'))
      actions.push(named('is refused (429)', () => fails('RATE_LIMITED', { retryAfterMs: tickMs })));
    if (!faults.includes('lost') || isRead(call)) return actions;
    const timeout = { uncertain: true };
    actions.push(named('is lost', () => fails('TIMEOUT', timeout)));
    if (call.ask.type === 'confirm') return actions;
    actions.push(
      named('is done, its answer is lost', () =>
        fails('TIMEOUT', timeout, withoutAnswer(arrive(scene, state, call), call)),
      ),
    );
    actions.push(named('times out on its way', () => late(scene, state, call)));
    return actions;
  });
}

const isRead = ({ ask }: Call): boolean => ask.type === 'read' || ask.type === 'read-sources' || ask.type === 'prove';

export function textOf({ ask }: Call): string {
  switch (ask.type) {
    case 'claim':
      return `claim of ${ask.gateway} with ${BigInt(ask.generation) >> 32n}`;
    case 'write':
      return `write to ${ask.gateway} [${ask.servers.map(({ uid, state }) => `${uid} ${state}`).join(', ')}]${ask.force === null ? '' : ' (forced)'}`;
    case 'read':
    case 'read-sources':
      return `${ask.type} ${ask.look} of ${ask.gateway}`;
    case 'confirm':
      return `confirm ${ask.revision % 1e6} at ${ask.gateway}`;
    case 'prove':
      return `look for ${Object.values(ask.pods)
        .map(({ uid }) => uid)
        .join(', ')}`;
  }
}

const without = (state: ModelState, call: Call): ModelState => ({
  ...state,
  calls: state.calls.filter((one) => one !== call),
});

const replaced = (state: ModelState, call: Call, by: Call): ModelState => ({
  ...state,
  calls: state.calls.map((one) => (one === call ? by : one)),
});

/** Its answer is on its way nowhere. */
const withoutAnswer = (state: ModelState, call: Call): ModelState => ({
  ...state,
  calls: state.calls.filter((one) => one.ask !== call.ask),
});

function answerNow(scene: Scene, state: ModelState, call: Call, event: SyncEvent): ModelState {
  return take(scene, without(state, call), call.process, event);
}

function hear(scene: Scene, state: ModelState, call: Call): ModelState {
  return call.answer === null ? state : answerNow(scene, state, call, call.answer);
}

/** The caller gives up; the request is still on its way. */
function late(scene: Scene, state: ModelState, call: Call): ModelState {
  const orphaned = replaced(state, call, { ...call, stage: 'orphan' });
  return take(scene, orphaned, call.process, failed(call, failure('TIMEOUT', { uncertain: true })));
}

const isApplied = ({ workers }: InstanceTruth, revision: number): boolean =>
  workers.every(({ applied }) => applied >= revision);

type Confirm = Extract<GatewayEffect, { type: 'confirm' }>;

export function confirmedEvent(state: ModelState, { gateway, revision }: Confirm): SyncEvent {
  const instance = instanceOf(state, gateway);
  const lagging = instance.workers.flatMap(({ applied }, index) => (applied < revision ? [`w${index}`] : []));
  const storeId = storeIdOf(gateway, instance);
  return { type: 'confirmed', gateway, storeId, revision, applied: lagging.length === 0, lagging };
}

export function arrive(scene: Scene, state: ModelState, call: Call): ModelState {
  const { state: done, answer } = serve(scene, state, call);
  if (call.stage === 'orphan') return without(done, call);
  return replaced(done, call, { ...call, stage: 'answered', answer });
}

interface Served {
  readonly state: ModelState;
  readonly answer: SyncEvent;
}

function serve(scene: Scene, state: ModelState, call: Call): Served {
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

function failed({ ask }: Call, reason: GatewayFailure): SyncEvent {
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
