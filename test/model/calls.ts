// What was asked for arrives and is answered: as it should be, or with a fault on the way.
import type { GatewayFailure, SyncEvent } from '../../src/k8s-sync/core/index.js';
import type { Action } from './action.js';
import { failure } from './gateway.js';
import { instanceOf } from './judge.js';
import { type Scene, take } from './process.js';
import { confirmedEvent, failed, serve } from './serve.js';
import type { Call, InstanceTruth, ModelState } from './state.js';
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

export function arrive(scene: Scene, state: ModelState, call: Call): ModelState {
  const { state: done, answer } = serve(scene, state, call);
  if (call.stage === 'orphan') return without(done, call);
  return replaced(done, call, { ...call, stage: 'answered', answer });
}
