import type { World } from './world.js';

export const stepNames = [
  'synth',
  'apply',
  'start',
  'sync',
  'serve',
  'release',
  'sync-broken',
  'cluster-lost',
  'bad-release',
  'rollback',
  'stop',
] as const;

export type StepName = (typeof stepNames)[number];

/** One step of the demo: it does its work, checks it, and throws a clear message when the check fails. */
export interface Step {
  readonly name: StepName;
  readonly title: string;
  /** `say` shows what goes on; the answer is the line that stays. */
  run(world: World, say: (text: string) => void): Promise<string>;
}
