import { entriesOf } from './entries.js';
import type { Action } from './action.js';
import { processOf, type Scene, take } from './process.js';
import type { ModelState } from './state.js';

export const unfreeze = (scene: Scene, state: ModelState, name: string): ModelState =>
  take(scene, state, name, { type: 'unfreeze' });

/** An operator's words. An override is given only where a guard holds something. */
export function operatorActions(scene: Scene, state: ModelState, name: string): Action[] {
  const { core } = processOf(state, name);
  const held = entriesOf(core.upstreams).filter(([, { holds }]) => Object.keys(holds).length > 0);
  const words: Action[] = [
    { text: () => `the operator has ${name} read all anew`, run: () => take(scene, state, name, { type: 'resync' }) },
    ...held.map(([upstream]) => ({
      text: () => `the operator lets go what ${name} holds of ${upstream}`,
      run: () => take(scene, state, name, { type: 'override', upstream, reason: 'a test', actor: 'operator' }),
    })),
  ];
  if (!core.health.frozenByOperator)
    words.push({ text: () => `the operator freezes ${name}`, run: () => take(scene, state, name, { type: 'freeze' }) });
  return words;
}
