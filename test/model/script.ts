// A broken rule as a short script: the shortest way to it, one step a line.
import { actionsOf } from './actions.js';
import type { Broken } from './explore.js';
import type { Scene } from './process.js';
import { fairStep, healed } from './settle.js';
import { startOf } from './start.js';
import { type ModelState, Violation } from './state.js';

const fairLines = 40;

export function scriptOf(scene: Scene, broken: Broken): string[] {
  const lines: string[] = [];
  let state = after(() => startOf(scene));
  for (const number of broken.path) {
    const action = state === undefined ? undefined : actionsOf(scene, state)[number];
    if (action === undefined) break;
    lines.push(action.text());
    state = after(action.run);
  }
  if (broken.isFair && state !== undefined)
    lines.push('from here on nothing goes wrong any more:', ...fairly(scene, state));
  const numbered = lines.map((line, index) => `${String(index + 1).padStart(3)}. ${line}`);
  return [`${scene.world.name}: ${scene.world.about}`, ...numbered, `BROKEN ${broken.invariant}: ${broken.message}`];
}

/** Undefined when the step itself breaks the rule. */
function after(run: () => ModelState): ModelState | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof Violation) return undefined;
    throw error;
  }
}

function fairly(scene: Scene, from: ModelState): string[] {
  const lines: string[] = [];
  for (let state: ModelState | undefined = healed(scene, from); state !== undefined && lines.length < fairLines;) {
    const action = fairStep(scene, state);
    lines.push(`   ${action.text()}`);
    state = after(action.run);
  }
  return lines;
}
