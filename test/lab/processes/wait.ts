import { setTimeout as pause } from 'node:timers/promises';
import { LabError } from '../lab-error.js';
import type { LabProcess } from './start.js';

export interface WaitOptions {
  readonly deadlineMs: number;
  readonly everyMs?: number;
  /** The processes that what is waited for depends on: one that ends ends the wait, and their logs explain it. */
  readonly processes?: readonly LabProcess[];
}

const excerpt = (process: LabProcess): string => {
  const end = process.ended();
  return [
    `--- ${process.name}, ${end === undefined ? 'running' : `ended with ${end}`}; last lines of ${process.logFile}:`,
    process.lastLines(),
  ].join('\n');
};

const noAnswer = Symbol('no answer');

/** So that a question that is never answered does not outlast the deadline. */
async function within<T>(answer: Promise<T>, ms: number): Promise<T | typeof noAnswer> {
  const stop = new AbortController();
  const late = async (): Promise<typeof noAnswer> => {
    await pause(Math.max(ms, 0), undefined, { signal: stop.signal });
    return noAnswer;
  };
  try {
    return await Promise.race([answer, late()]);
  } finally {
    stop.abort();
  }
}

/**
 * Looks until `look` gives something, and gives that. A `look` that throws is asked again; its last error is part of the
 * message when the deadline has passed or one of the processes has ended, and so is that the last look had no answer.
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  { deadlineMs, everyMs = 50, processes = [] }: WaitOptions,
): Promise<T> {
  const start = Date.now();
  let last: unknown;
  for (;;) {
    let unanswered = false;
    try {
      const found = await within(look(), start + deadlineMs - Date.now());
      unanswered = found === noAnswer;
      if (found !== undefined && found !== false && found !== noAnswer) return found;
    } catch (error) {
      last = error;
    }
    const ended = processes.find((process) => process.ended() !== undefined);
    const late = Date.now() - start >= deadlineMs;
    if (ended !== undefined || late) {
      const why =
        ended === undefined ? `not within ${deadlineMs / 1000} s` : `${ended.name} ended with ${String(ended.ended())}`;
      const error = last instanceof Error ? `\nlast error: ${last.message}` : '';
      const seen = `${unanswered ? '\nthe last look had no answer' : ''}${error}`;
      const logs = processes.map((process) => `\n${excerpt(process)}`).join('');
      throw new LabError(`waited for: ${what}; ${why}${seen}${logs}`, undefined, { cause: last });
    }
    await pause(everyMs);
  }
}
