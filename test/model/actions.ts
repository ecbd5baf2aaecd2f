// All that may happen next in a state.
import type { Action } from './action.js';
import { arrival, callActions, callFaults } from './calls.js';
import { podActions, streamActions } from './cluster.js';
import { faultActions } from './faults.js';
import { adopt } from './gateway.js';
import { unfreeze } from './operator.js';
import {
  beat,
  dueTimers,
  fire,
  fireDue,
  processOf,
  type Scene,
  setProcess,
  startLeading,
  stopLeading,
} from './process.js';
import type { Call, ModelState, ProcessState } from './state.js';
import { setGateway } from './serve.js';
import { leave, replaceProcess } from './takeover.js';
import { frozenMs, tickMs } from './time.js';

export function actionsOf(scene: Scene, state: ModelState): Action[] {
  const { world } = scene;
  const { budget } = state;
  const urgent = world.isPrompt ? state.calls.find((call) => isUrgent(state, call)) : undefined;
  if (urgent !== undefined) return urgentActions(scene, state, urgent);
  const course = courseOf(scene, state);
  const quiet = [...course, ...podActions(scene, state), ...resumeActions(scene, state)];
  const mayTick = !Object.values(state.processes).some((process) => isOverdue(state, process));
  const isPrompt = world.isPrompt && isBusy(scene, state);
  if (mayTick && !isPrompt)
    quiet.push({ text: () => 'time goes on to the next heartbeat', run: () => tick(scene, state, false) });
  if (budget.drifts > 0) quiet.push(...driftActions(scene, state));
  if (budget.takeovers > 0) {
    const left = { ...state, budget: { ...budget, takeovers: budget.takeovers - 1 } };
    const [former] = Object.keys(state.processes);
    if (former !== undefined)
      quiet.push({
        text: () => `another process may lead, ${former} stands still`,
        run: () => replaceProcess(scene, left, former, true),
      });
  }
  if (budget.faults === 0) return quiet;
  const left = { ...state, budget: { ...budget, faults: budget.faults - 1 } };
  const slow = {
    text: () => 'FAULT time goes on, and what is on its way has not arrived',
    run: () => tick(scene, left, false),
  };
  const isSlow = mayTick && isPrompt && world.faults.includes('slow');
  return [...quiet, ...callFaults(scene, left, state.calls), ...faultActions(scene, left), ...(isSlow ? [slow] : [])];
}

/**
 * What a living leader asks of a gateway arrives before anything else happens: only the answer can be overtaken by what
 * the process would see of it.
 */
function isUrgent({ processes }: ModelState, { process, ask, stage }: Call): boolean {
  const asker = processes[process];
  return stage === 'sent' && 'gateway' in ask && ask.type !== 'confirm' && asker?.lease === 'held' && !asker.isPaused;
}

function urgentActions(scene: Scene, state: ModelState, call: Call): Action[] {
  const { budget } = state;
  const left = { ...state, budget: { ...budget, faults: budget.faults - 1 } };
  return [arrival(scene, state, call), ...(budget.faults > 0 ? callFaults(scene, left, [call]) : [])];
}

/** What goes its way without anybody's doing. The first of them, again and again, is a fair schedule. */
export function courseOf(scene: Scene, state: ModelState): Action[] {
  return [
    ...leaseActions(scene, state),
    ...callActions(scene, state),
    ...streamActions(scene, state),
    ...workerActions(state),
    ...timerActions(scene, state),
  ];
}

/** Who was replaced stands still for as long as it likes, and so does a request that nobody waits for. */
function isBusy(scene: Scene, state: ModelState): boolean {
  const isStale = (name: string): boolean =>
    state.processes[name]?.lease === 'stale' || state.processes[name] === undefined;
  const processes = Object.fromEntries(Object.entries(state.processes).filter(([name]) => !isStale(name)));
  const calls = state.calls.filter(({ process, stage }) => stage !== 'orphan' && !isStale(process));
  return courseOf(scene, { ...state, processes, calls }).length > 0;
}

function leaseActions(scene: Scene, state: ModelState): Action[] {
  return Object.values(state.processes).flatMap(({ name, lease, isPaused, beats }): Action[] => {
    if (isPaused) return [];
    if (lease === 'stale')
      return [{ text: () => `${name} notices that it does not lead`, run: () => notice(scene, state, name) }];
    if (lease === 'none' && beats && state.cluster.holder === '')
      return [{ text: () => `${name} takes the Lease`, run: () => startLeading(scene, state, name) }];
    return [];
  });
}

/** Who was replaced leaves the world; who was only cut off may lead again. */
function notice(scene: Scene, state: ModelState, name: string): ModelState {
  const { holder } = state.cluster;
  const isReplaced = Object.keys(state.processes).length > 1;
  if (isReplaced) return leave(state, name);
  return stopLeading(scene, { ...state, cluster: { ...state.cluster, holder: holder === name ? '' : holder } }, name);
}

function workerActions(state: ModelState): Action[] {
  return Object.entries(state.gateways).flatMap(([name, instance]) => {
    const seen = new Set<number>();
    return instance.workers.flatMap(({ applied }, index): Action[] => {
      // Workers that have the same are the same.
      if (applied >= instance.revision || seen.has(applied)) return [];
      seen.add(applied);
      return [
        {
          text: () => `a worker of ${name} takes revision ${instance.revision % 1e6}`,
          run: () => setGateway(state, name, adopt(instance, index, state.now)),
        },
      ];
    });
  });
}

/** Time does not go on before a timer that is due, nor to a second heartbeat before a watch has told what it owes. */
function isOverdue(state: ModelState, process: ProcessState): boolean {
  if (process.isPaused || process.lease === 'stale') return false;
  const { isOpen, owed, owedBeats } = process.told;
  return (isOpen && owed > 0 && owedBeats > 0) || dueTimers(state, process).length > 0;
}

/** A process that stood still: its timers come in any order with what else it finds. */
function timerActions(scene: Scene, state: ModelState): Action[] {
  return Object.values(state.processes)
    .filter((process) => !process.isPaused && dueTimers(state, process).length > 0)
    .map(({ name }) => ({ text: () => `${name}'s timers are due`, run: () => fireDue(scene, state, name) }));
}

function driftActions(scene: Scene, state: ModelState): Action[] {
  const left = { ...state, budget: { ...state.budget, drifts: state.budget.drifts - 1 } };
  return Object.values(state.processes).flatMap(({ name, timers, isPaused }) =>
    driftTimers(isPaused ? {} : timers).map((timer) => ({
      text: () => `${name} compares with ${timer.slice('drift '.length)}`,
      run: () => fire(scene, left, name, timer),
    })),
  );
}

const driftTimers = (timers: ProcessState['timers']): string[] =>
  Object.keys(timers).filter((timer) => timer.startsWith('drift '));

function resumeActions(scene: Scene, state: ModelState): Action[] {
  return Object.values(state.processes).flatMap(({ name, isPaused, beats, core }): Action[] => [
    ...(isPaused ? [{ text: () => `${name} goes on`, run: () => goOn(state, name) }] : []),
    ...(beats
      ? []
      : [{ text: () => `${name}'s heartbeats come again`, run: () => setProcess(state, name, { beats: true }) }]),
    ...(core.health.frozenByOperator
      ? [{ text: () => `the operator lets ${name} go`, run: () => unfreeze(scene, state, name) }]
      : []),
  ]);
}

/** The Lease that it could not renew meanwhile is another's for all it knows. */
export function goOn(state: ModelState, name: string): ModelState {
  const { lease, core } = processOf(state, name);
  const isLong = state.now - (core.health.heartbeatAt ?? 0) >= frozenMs;
  return setProcess(state, name, { isPaused: false, lease: lease === 'held' && isLong ? 'stale' : lease });
}

/** Heartbeats come, then what is due. In a fair schedule the gateways are compared with each tick. */
export function tick(scene: Scene, state: ModelState, withDrift: boolean): ModelState {
  let current: ModelState = { ...state, now: state.now + tickMs };
  for (const name of Object.keys(state.processes)) {
    const { isPaused, lease, beats, core } = processOf(current, name);
    if (isPaused || lease === 'stale') continue;
    if (lease === 'held' && beats) current = beat(scene, current, name);
    else if (lease === 'held' && current.now - (core.health.heartbeatAt ?? 0) >= frozenMs)
      current = stopLeading(scene, current, name);
    current = fireDue(scene, current, name);
    if (!withDrift) continue;
    for (const timer of driftTimers(processOf(current, name).timers)) current = fire(scene, current, name, timer);
  }
  return current;
}
