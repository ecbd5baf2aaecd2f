// Eventually stable reconciliation: when faults stop and the input stays, a fair schedule reaches what is desired, and
// stays there.
import { courseOf, goOn, tick } from './actions.js';
import type { Action } from './action.js';
import { hashOf } from './canon-world.js';
import { changePods } from './cluster.js';
import { undesired } from './desired.js';
import { unfreeze } from './operator.js';
import { processOf, type Scene, setCluster, setProcess } from './process.js';
import { type Conditions, type ModelState, Violation } from './state.js';

/** A schedule that goes on for longer without coming back to where it was never comes to rest. */
const longest = 2000;

/** What all ends in is known for the states that a schedule has led through before. */
export class Settling {
  readonly #scene: Scene;
  readonly #settled = new Set<string>();
  steps = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Throws when all faults have ended here, and what is desired is not reached, or not kept. */
  check(from: ModelState): void {
    try {
      this.#follow(healed(this.#scene, from));
    } catch (error) {
      if (error instanceof Violation) error.isFair = true;
      throw error;
    }
  }

  #follow(from: ModelState): void {
    const path: { readonly hash: string; readonly state: ModelState }[] = [];
    const places = new Map<string, number>();
    let state = from;
    for (;;) {
      const hash = hashOf(this.#scene.world, state);
      if (this.#settled.has(hash)) break;
      const place = places.get(hash);
      if (place !== undefined) {
        this.#checkRest(path.slice(place).map((one) => one.state));
        break;
      }
      if (path.length >= longest) throw new Violation('restless', `no rest after ${longest} steps of a fair schedule`);
      places.set(hash, path.length);
      path.push({ hash, state });
      state = fairStep(this.#scene, state).run();
      this.steps += 1;
    }
    for (const { hash } of path) this.#settled.add(hash);
  }

  /** The states that a schedule comes back to for ever. */
  #checkRest(states: readonly ModelState[]): void {
    for (const state of states) {
      const why = undesired(this.#scene.world, state);
      if (why !== undefined) throw new Violation('not-settled', `a fair schedule ends in this for ever: ${why}`);
    }
  }
}

/** All faults end; nothing new comes. */
export function healed(scene: Scene, state: ModelState): ModelState {
  const quiet = { ...state, budget: { faults: 0, flaps: 0, moves: 0, drifts: 0, takeovers: 0 } };
  let current = setCluster(arrived(scene, quiet), { before: null });
  for (const { name, isPaused } of Object.values(state.processes)) {
    if (isPaused) current = goOn(current, name);
    if (!processOf(current, name).beats) current = setProcess(current, name, { beats: true });
    if (processOf(current, name).core.health.frozenByOperator) current = unfreeze(scene, current, name);
  }
  return current;
}

/** What is on its way from slice to slice arrives. */
function arrived({ world }: Scene, state: ModelState): ModelState {
  const { pods, apps } = state.cluster;
  if (!Object.values(pods).includes('moving')) return state;
  const still = Object.entries(pods).map(([uid, condition]) => [uid, condition === 'moving' ? 'ready' : condition]);
  return changePods(world, state, Object.fromEntries(still) as Conditions, apps);
}

/** The same for the same state: whatever waits is done first, then time goes on. */
export function fairStep(scene: Scene, state: ModelState): Action {
  const [first] = courseOf(scene, state);
  if (first !== undefined) return first;
  // Where nothing is lost unnoticed, all must come to rest without a comparison with the gateways.
  const needsDrift = scene.world.faults.some((kind) => kind === 'altered' || kind === 'store-lost');
  return { text: () => 'time goes on to the next heartbeat', run: () => tick(scene, state, needsDrift) };
}
