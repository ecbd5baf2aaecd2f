// Breadth-first exploration of everything that may happen in a small world.
import { actionsOf } from './actions.js';
import { checkBarrier } from './barrier.js';
import { hashOf } from './canon-world.js';
import type { Scene, Shipped } from './process.js';
import { Settling } from './settle.js';
import { startOf } from './start.js';
import { type ModelState, Violation } from './state.js';
import type { WorldSpec } from './world.js';

export interface Broken {
  readonly invariant: string;
  readonly message: string;
  /** It comes when all faults have ended at the path's end. */
  readonly isFair: boolean;
  /** The shortest way there, by the number of each action among those that were possible. */
  readonly path: readonly number[];
}

export interface Explored {
  readonly world: string;
  readonly states: number;
  readonly transitions: number;
  /** Steps from the start to the state that is furthest. */
  readonly depth: number;
  readonly fairSteps: number;
  readonly ms: number;
  /** Every state was reached. */
  readonly isComplete: boolean;
  readonly broken: Broken | undefined;
}

export interface Progress {
  readonly states: number;
  readonly waiting: number;
  readonly depth: number;
}

export interface ExploreOptions {
  readonly maxStates?: number;
  readonly onProgress?: (progress: Progress) => void;
}

const progressEvery = 5000;

export function explore(world: WorldSpec, shipped: Shipped, options: ExploreOptions = {}): Explored {
  return new Exploration({ world, shipped }, options).run();
}

interface Reached {
  readonly index: number;
  readonly state: ModelState;
}

class Exploration {
  readonly #scene: Scene;
  readonly #maxStates: number;
  readonly #onProgress: (progress: Progress) => void;
  readonly #settling: Settling;
  readonly #known = new Set<string>();
  readonly #parents: number[] = [];
  readonly #actions: number[] = [];
  readonly #started = performance.now();
  #transitions = 0;
  #depth = 0;

  constructor(scene: Scene, { maxStates, onProgress = () => undefined }: ExploreOptions) {
    this.#scene = scene;
    this.#maxStates = maxStates ?? scene.world.maxStates;
    this.#onProgress = onProgress;
    this.#settling = new Settling(scene);
  }

  run(): Explored {
    let place: { readonly index: number; readonly action: number } = { index: 0, action: -1 };
    try {
      const start = startOf(this.#scene);
      let frontier = [this.#reach(start, start, -1, -1)];
      for (this.#depth = 0; frontier.length > 0; this.#depth += 1) {
        const next: Reached[] = [];
        for (const from of frontier) {
          const actions = actionsOf(this.#scene, from.state);
          for (const [action, { run }] of actions.entries()) {
            place = { index: from.index, action };
            const state = run();
            this.#transitions += 1;
            const reached = this.#take(from, state, action);
            if (reached !== undefined) next.push(reached);
          }
          if (this.#parents.length > this.#maxStates) return this.#result(false);
        }
        frontier = next;
      }
      this.#depth -= 1;
      return this.#result(true);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      const { invariant, message, isFair } = error;
      return this.#result(false, { invariant, message, isFair, path: this.#pathTo(place) });
    }
  }

  #take(from: Reached, state: ModelState, action: number): Reached | undefined {
    const hash = hashOf(this.#scene.world, state);
    if (this.#known.has(hash)) return undefined;
    this.#known.add(hash);
    return this.#reach(from.state, state, from.index, action);
  }

  #reach(before: ModelState, state: ModelState, parent: number, action: number): Reached {
    const index = this.#parents.push(parent) - 1;
    this.#actions.push(action);
    if (before.cluster.pods !== state.cluster.pods || before.gateways !== state.gateways)
      for (const pods of new Set([before.cluster.pods, state.cluster.pods])) checkBarrier(this.#scene, state, pods);
    this.#settling.check(state);
    if (index % progressEvery === 0) this.#onProgress({ states: index, waiting: 0, depth: this.#depth });
    return { index, state };
  }

  #pathTo({ index, action }: { readonly index: number; readonly action: number }): number[] {
    const path = action < 0 ? [] : [action];
    for (let at = index; at > 0; at = this.#parents[at] ?? 0) path.unshift(this.#actions[at] ?? 0);
    return path;
  }

  #result(isComplete: boolean, broken?: Broken): Explored {
    return {
      world: this.#scene.world.name,
      states: this.#parents.length,
      transitions: this.#transitions,
      depth: this.#depth,
      fairSteps: this.#settling.steps,
      ms: performance.now() - this.#started,
      isComplete,
      broken,
    };
  }
}
