import type { ClusterStore } from '../../../src/testing/cluster/store.js';

/** Resolves with what `look` finds, asked after each change of the store; rejects at the deadline. */
export function until<T>(
  store: ClusterStore,
  what: string,
  look: () => T | undefined | false,
  deadlineMs = 10_000,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (act: () => void): void => {
      clearTimeout(timer);
      unsubscribe();
      act();
    };
    const check = (): void => {
      const found = look();
      if (found !== undefined && found !== false) end(() => resolve(found));
    };
    const timer = setTimeout(() => end(() => reject(new Error(`not within ${deadlineMs} ms: ${what}`))), deadlineMs);
    const unsubscribe = store.subscribe(check);
    check();
  });
}
