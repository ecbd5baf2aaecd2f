// What may go wrong beside single calls. Each takes one of the world's faults; what it broke may heal at any time.
import type { Action } from './action.js';
import { breakStream, list } from './cluster.js';
import { newInstance } from './gateway.js';
import { operatorActions } from './operator.js';
import { type Scene, setCluster, setProcess, take } from './process.js';
import { confirmedEvent, setGateway } from './serve.js';
import type { Call, InstanceTruth, ModelState, ProcessState } from './state.js';
import { replaceProcess } from './takeover.js';
import type { FaultKind } from './world.js';

export function faultActions(scene: Scene, state: ModelState): Action[] {
  const { faults } = scene.world;
  const has = (kind: FaultKind): boolean => faults.includes(kind);
  const actions: Action[] = [];
  for (const process of Object.values(state.processes))
    if (!process.isPaused && process.lease !== 'stale') actions.push(...processFaults(scene, state, process, has));
  if (has('etcd-restored')) actions.push(...restores(scene, state));
  for (const [name, instance] of Object.entries(state.gateways)) {
    if (has('store-lost'))
      actions.push({
        text: () => `${name} comes back with an empty store`,
        run: () => loseStore(scene, state, name, instance),
      });
    if (has('altered')) actions.push(...alterations(state, name, instance));
  }
  if (has('worker-lags')) actions.push(...lags(scene, state));
  return actions.map(({ text, run }) => ({ text: () => `FAULT ${text()}`, run }));
}

function processFaults(
  scene: Scene,
  state: ModelState,
  { name, stream, beats }: ProcessState,
  has: (kind: FaultKind) => boolean,
): Action[] {
  const actions: Action[] = [];
  const add = (text: string, run: () => ModelState): void => void actions.push({ text: () => `${name}${text}`, run });
  if (stream.state === 'open' && has('watch-breaks'))
    add("'s watch breaks", () => breakStream(scene, state, name, false));
  if (stream.state === 'open' && has('watch-gone'))
    add("'s watch breaks, and is answered 410", () => breakStream(scene, state, name, true));
  const { before } = state.cluster;
  if (stream.state === 'listing' && before !== null && has('stale-list'))
    add(' gets a list from a server that lags', () => list(scene, state, name, before));
  if (beats && has('no-heartbeats')) add("'s heartbeats stay away", () => setProcess(state, name, { beats: false }));
  if (has('pause')) add(' stands still', () => setProcess(state, name, { isPaused: true }));
  if (has('crash')) add(' dies, another starts', () => replaceProcess(scene, state, name, false));
  if (has('operator')) actions.push(...operatorActions(scene, state, name));
  return actions;
}

/** etcd goes back by one change; its versions with it, or, set forward by hand, not. */
function restores(scene: Scene, state: ModelState): Action[] {
  const { before, version } = state.cluster;
  if (before === null) return [];
  const restore = (to: number, lostWrite: boolean): ModelState => {
    let current = setCluster(state, { ...before, version: to, lostWrite, before: null });
    for (const { name, stream } of Object.values(state.processes)) {
      current = setProcess(current, name, { stream: { ...stream, queue: [] } });
      if (stream.state === 'open') current = breakStream(scene, current, name, false);
    }
    return current;
  };
  return [
    { text: () => 'etcd is restored from a backup', run: () => restore(version - 1e6, false) },
    { text: () => 'etcd is restored, its versions set forward', run: () => restore(version + 1, true) },
  ];
}

function loseStore(scene: Scene, state: ModelState, name: string, { store, workers }: InstanceTruth): ModelState {
  const waits = ({ ask, stage }: Call): boolean => ask.type === 'confirm' && ask.gateway === name && stage === 'sent';
  const lost = state.calls.filter(waits);
  let current: ModelState = {
    ...setGateway(state, name, newInstance(store + 1, workers.length)),
    calls: state.calls.filter((call) => !waits(call)),
  };
  for (const { process } of lost) {
    const failure = {
      code: 'UNREACHABLE',
      retryable: true,
      uncertain: true,
      retryAfterMs: 0,
      message: '',
      presentEpoch: 0,
    };
    current = take(scene, current, process, { type: 'confirm-failed', gateway: name, failure });
  }
  return current;
}

/** Somebody takes a server out of what is ours. */
function alterations(state: ModelState, name: string, instance: InstanceTruth): Action[] {
  return Object.entries(instance.entries).flatMap(([upstream, entry]): Action[] => {
    if (entry.servers.length === 0) return [];
    const revision = instance.revision + 1;
    const altered = { ...entry, revision, isAltered: true, servers: entry.servers.slice(1) };
    const entries = { ...instance.entries, [upstream]: altered };
    const run = (): ModelState => setGateway(state, name, { ...instance, revision, entries });
    return [{ text: () => `somebody takes ${entry.servers[0]?.uid ?? ''} out of ${name}`, run }];
  });
}

/** A worker is so slow that the answer to a confirm does not wait for it. */
function lags(scene: Scene, state: ModelState): Action[] {
  return state.calls.flatMap((call): Action[] => {
    const { ask, process, stage } = call;
    if (ask.type !== 'confirm' || stage !== 'sent' || state.processes[process]?.isPaused !== false) return [];
    const answer = confirmedEvent(state, ask);
    if (answer.type !== 'confirmed' || answer.applied) return [];
    const waiting = { ...state, calls: state.calls.filter((one) => one !== call) };
    return [
      {
        text: () => `${process} hears that a worker of ${ask.gateway} lags`,
        run: () => take(scene, waiting, process, answer),
      },
    ];
  });
}
