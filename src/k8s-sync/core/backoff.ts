import type { SyncConfig } from './config.js';

/**
 * Exponential backoff with a jitter that follows from what is retried and how often, so that the core needs no chance
 * and two clusters' syncers still spread.
 */
export function backoff({ timings, writer }: SyncConfig, attempt: number, salt: string): number {
  const ceiling = Math.min(timings.backoffMaxMs, timings.backoffBaseMs * 2 ** Math.min(attempt, 20));
  let hash = 7;
  for (const text of [writer, salt, String(attempt)]) {
    for (let index = 0; index < text.length; index += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) >>> 0;
  }
  return Math.round(ceiling * (0.5 + (hash % 1000) / 2000));
}
