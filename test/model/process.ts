// A process that runs the core: takes events, and puts what comes of them on its way.
import {
  emptyPlaced,
  epochOf,
  type initialState,
  shardGet,
  type step,
  type SyncEffect,
  type SyncEvent,
  syncRules,
} from '../../src/k8s-sync/core/index.js';
import type { comparePublished } from '../../src/publish/index.js';
import { judge } from './judge.js';
import { type Call, type ClusterState, type ModelState, type ProcessState, Violation } from './state.js';
import { timings } from './time.js';
import { nothingTold, observe } from './told.js';
import type { WorldSpec } from './world.js';

/** The shipped code that is explored, or a mutant of it. */
export interface Shipped {
  readonly step: typeof step;
  readonly initialState: typeof initialState;
  readonly comparePublished: typeof comparePublished;
}

/** All that an action needs beside the state. */
export interface Scene {
  readonly world: WorldSpec;
  readonly shipped: Shipped;
}

export function newProcess({ world, shipped }: Scene, name: string): ProcessState {
  const core = shipped.initialState({
    cluster: 'bc-a',
    source: 'k8s.bc.bc-a',
    writer: name,
    gateways: world.gateways,
    weight: 100,
    timings,
    guards: world.guards,
    rules: syncRules,
  });
  return {
    name,
    core,
    told: { ...nothingTold },
    timers: {},
    stream: { state: 'listing', version: 0, queue: [] },
    lease: 'none',
    beats: true,
    isPaused: false,
    epochFloor: 0,
    losses: {},
  };
}

export function processOf({ processes }: ModelState, name: string): ProcessState {
  const process = processes[name];
  if (process === undefined) throw new Error(`there is no process ${name}`);
  return process;
}

export function setProcess(state: ModelState, name: string, change: Partial<ProcessState>): ModelState {
  const process = { ...processOf(state, name), ...change };
  return { ...state, processes: { ...state.processes, [name]: process } };
}

export const setCluster = (state: ModelState, change: Partial<ClusterState>): ModelState => ({
  ...state,
  cluster: { ...state.cluster, ...change },
});

/** The process takes an event; its effects are done. */
export function take(scene: Scene, state: ModelState, name: string, event: SyncEvent): ModelState {
  const process = processOf(state, name);
  const { state: core, effects } = stepOf(scene, process, event, state.now);
  let current = setProcess(state, name, { core, told: observe(process.told, event, state.now) });
  for (const effect of effects) current = run(scene, current, name, effect);
  return current;
}

function stepOf({ shipped }: Scene, { core }: ProcessState, event: SyncEvent, now: number) {
  try {
    return shipped.step(core, event, now);
  } catch (error) {
    throw new Violation('crash', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

function run(scene: Scene, state: ModelState, name: string, effect: SyncEffect): ModelState {
  const process = processOf(state, name);
  switch (effect.type) {
    case 'claim':
    case 'read-sources':
    case 'read':
    case 'confirm':
    case 'prove':
      return send(state, { process: name, ask: effect, stage: 'sent', answer: null, judged: null });
    case 'write': {
      checkOneInFlight(state, name, effect);
      const placed = shardGet(process.core.upstreams, effect.upstream)?.placed[effect.gateway] ?? emptyPlaced;
      const judged = judge(state, process, effect, placed.servers);
      return send(state, { process: name, ask: effect, stage: 'sent', answer: null, judged });
    }
    case 'timer':
      return setProcess(state, name, { timers: { ...process.timers, [effect.name]: effect.at } });
    case 'relist':
      return setProcess(state, name, { stream: { state: 'listing', version: 0, queue: [] } });
    case 'renew-epoch':
      return renewEpoch(
        scene,
        setProcess(state, name, { epochFloor: Math.max(process.epochFloor, effect.above) }),
        name,
      );
    default:
      return state;
  }
}

/** Where another one has come in its place, it sees that with its next renewal. */
function renewEpoch(scene: Scene, state: ModelState, name: string): ModelState {
  const isReplaced = Object.keys(state.processes).length > 1;
  return isReplaced ? setProcess(state, name, { lease: 'stale' }) : stopLeading(scene, state, name);
}

const send = (state: ModelState, call: Call): ModelState => ({ ...state, calls: [...state.calls, call] });

function checkOneInFlight(state: ModelState, name: string, write: Extract<SyncEffect, { type: 'write' }>): void {
  const isOther = ({ process, ask, stage }: Call): boolean =>
    process === name &&
    ask.type === 'write' &&
    stage !== 'orphan' &&
    ask.gateway === write.gateway &&
    ask.upstream === write.upstream &&
    epochOf(ask.generation) === epochOf(write.generation);
  if (state.calls.some(isOther))
    throw new Violation('one-in-flight', `${write.upstream} is written while a write is under way`);
}

/** Gives the Lease up, or sees that it is lost. */
export function stopLeading(scene: Scene, state: ModelState, name: string): ModelState {
  const { holder } = state.cluster;
  const left = setProcess(state, name, { lease: 'none' });
  return take(scene, setCluster(left, { holder: holder === name ? '' : holder }), name, { type: 'not-leading' });
}

/** Takes the Lease: its first renewal is a heartbeat, then it leads with an epoch that nobody had. */
export function startLeading(scene: Scene, state: ModelState, name: string): ModelState {
  const written = Object.values(state.gateways).flatMap(({ entries }) =>
    Object.values(entries).map(({ generation }) => epochOf(generation)),
  );
  const epoch = Math.max(state.cluster.epoch, processOf(state, name).epochFloor, ...written) + 1;
  const taken = setCluster(setProcess(state, name, { lease: 'held', epochFloor: epoch }), { holder: name, epoch });
  return take(scene, beat(scene, taken, name), name, { type: 'leading', epoch });
}

/** A renewal of the Lease is answered. */
export function beat(scene: Scene, state: ModelState, name: string): ModelState {
  const version = state.cluster.version + 1;
  const { lostWrite } = state.cluster;
  const renewed = setCluster(state, { version, lostWrite: false });
  return take(scene, renewed, name, { type: 'heartbeat', resourceVersion: String(version), lostWrite });
}

/** Every timer of the process whose time has come. */
export function fireDue(scene: Scene, state: ModelState, name: string): ModelState {
  let current = state;
  for (;;) {
    const due = dueTimers(current, processOf(current, name));
    const [first] = due;
    if (first === undefined) return current;
    current = fire(scene, current, name, first);
  }
}

export function fire(scene: Scene, state: ModelState, name: string, timer: string): ModelState {
  const waiting = Object.entries(processOf(state, name).timers).filter(([other]) => other !== timer);
  const event = { type: 'timer', name: timer } as Extract<SyncEvent, { type: 'timer' }>;
  return take(scene, setProcess(state, name, { timers: Object.fromEntries(waiting) }), name, event);
}

export const dueTimers = ({ now }: ModelState, { timers }: ProcessState): string[] =>
  Object.keys(timers)
    .filter((timer) => !timer.startsWith('drift ') && (timers[timer] ?? Infinity) <= now)
    .sort();
