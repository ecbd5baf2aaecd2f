/**
 * Each breaks one rule on purpose, so that a test can see the demo fail at the step that the rule belongs to. For tests
 * of the demo's own checks; nothing else knows these words.
 */
export const sabotages = {
  'delete-without-drain': 'release',
  'no-evidence-rule': 'cluster-lost',
  'no-claim': 'sync',
  'ready-before-online': 'start',
  'app-before-helper': 'start',
  'next-cluster-before-publish': 'sync-broken',
  'no-gateway-gate': 'sync-broken',
} as const;

export type Sabotage = keyof typeof sabotages;

export function isSabotage(word: string): word is Sabotage {
  return Object.hasOwn(sabotages, word);
}
