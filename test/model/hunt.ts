import { explore } from './explore.js';
import { withMutant } from './mutant.js';
import type { Mutation } from './mutations.js';
import { scriptOf } from './script.js';
import { worlds } from './worlds.js';

/** Who breaks a rule does so soon. */
const mostStates = 80_000;

/** Whether a mutation is noticed: the rule that it breaks first, and where. */
export interface Hunt {
  readonly mutation: string;
  readonly foundIn: string | undefined;
  readonly invariant: string | undefined;
  /** The shortest way to it. */
  readonly script: readonly string[];
  readonly steps: number;
  readonly states: number;
  readonly ms: number;
}

export async function huntAll(
  mutations: readonly Mutation[],
  onHunt: (hunt: Hunt) => void = () => undefined,
): Promise<Hunt[]> {
  const hunts: Hunt[] = [];
  for (const mutation of mutations) {
    const found = await hunt(mutation);
    onHunt(found);
    hunts.push(found);
  }
  return hunts;
}

export function hunt(mutation: Mutation): Promise<Hunt> {
  const started = performance.now();
  return withMutant(mutation, (mutant) => {
    let states = 0;
    for (const name of mutation.worlds) {
      const world = worlds.find((one) => one.name === name);
      if (world === undefined) throw new Error(`${mutation.name}: there is no world ${name}`);
      const { broken, states: explored } = explore(world, mutant, { maxStates: mostStates });
      states += explored;
      if (broken === undefined) continue;
      const { invariant, path } = broken;
      return {
        mutation: mutation.name,
        foundIn: name,
        invariant,
        script: scriptOf({ world, shipped: mutant }, broken),
        steps: path.length,
        states,
        ms: performance.now() - started,
      };
    }
    return {
      mutation: mutation.name,
      foundIn: undefined,
      invariant: undefined,
      script: [],
      steps: 0,
      states,
      ms: performance.now() - started,
    };
  });
}
