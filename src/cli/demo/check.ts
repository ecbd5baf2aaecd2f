import { setTimeout as delay } from 'node:timers/promises';
import { YouzanKubeError } from '../../conventions/index.js';

/** Fails the step that runs, with a message that says what was expected and what was seen. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new YouzanKubeError('DEMO_CHECK', message);
}

/**
 * Asks until the answer is `true`; a string says what is still missing and ends up in the message of the deadline.
 * Throws `DEMO_DEADLINE`, or what the probe throws.
 */
export async function waitUntil(
  what: string,
  probe: () => Promise<true | string> | true | string,
  options: { readonly deadlineMs: number; readonly signal: AbortSignal; readonly everyMs?: number },
): Promise<number> {
  const started = performance.now();
  for (;;) {
    options.signal.throwIfAborted();
    const seen = await probe();
    const passed = performance.now() - started;
    if (seen === true) return Math.round(passed);
    if (passed > options.deadlineMs) {
      throw new YouzanKubeError('DEMO_DEADLINE', `waited ${options.deadlineMs} ms for ${what}: ${seen}`);
    }
    await delay(options.everyMs ?? 100, undefined, { signal: options.signal });
  }
}
