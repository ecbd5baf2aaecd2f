import { beginChronicle, type Chronicle, continueChronicle } from './chronicle.js';
import type { SyncState } from './core/index.js';
import { type JournalEntry, JournalReader } from './journal.js';
import { statusOf, type SyncStatus } from './status.js';
import { tellEffect, tellEvent } from './tell.js';

/** One line of a journal, and what the core made of it. */
export interface ReplayedStep {
  /** Counted from 1. */
  readonly line: number;
  /** `snapshot`: a syncer started; `torn`: its process died while it wrote this line. */
  readonly kind: 'snapshot' | 'event' | 'torn';
  /** The event's type, as the journal has it; null for another kind of line. */
  readonly event: string | null;
  /** On the monotonic clock of the syncer's process, in milliseconds; null for a torn line. */
  readonly at: number | null;
  /** The same on the wall clock, as ISO 8601; null where the journal does not say it. */
  readonly time: string | null;
  /** What happened, in one short sentence. */
  readonly said: string;
  /** What came of it; timers and counts are left out. */
  readonly effects: readonly string[];
  /** After it. */
  readonly state: SyncState | null;
  /** The state as an operator would have read it then; null before a first snapshot. */
  status(): SyncStatus | null;
}

/**
 * Plays a journal back, line by line: the same events lead to the same state. A line that was torn when the process died
 * is left out, and said. The last step has the last state.
 *
 * @param lines Without their newlines.
 * @throws YouzanKubeError `JOURNAL_INVALID` with the line's number.
 *
 * @example
 * const lines = createInterface({ input: createReadStream('bc-a.ndjson') });
 * for await (const { time, said, effects } of replayJournal(lines)) console.log(time, said, effects.join('; '));
 */
export async function* replayJournal(
  lines: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<ReplayedStep, void, undefined> {
  const reader = new JournalReader();
  const replay = new Replay();
  for await (const text of lines) {
    const entry = reader.take(text);
    if (entry !== undefined) yield replay.take(entry, reader.line);
  }
  reader.end();
}

class Replay {
  #state: SyncState | null = null;
  #chronicle: Chronicle = beginChronicle(0);
  /** Wall clock minus monotonic clock; null where the journal does not say it. */
  #offset: number | null = null;
  #at = 0;

  take(entry: JournalEntry, line: number): ReplayedStep {
    const { kind } = entry;
    if (entry.kind === 'torn') {
      const said = 'this line was torn when the process died: it is left out';
      return { line, kind, event: null, at: null, time: null, said, effects: [], ...this.#after() };
    }
    const { at, state } = entry;
    this.#at = at;
    this.#state = state;
    if (entry.kind === 'snapshot') return this.#begin(entry, line);
    const { event, effects } = entry;
    this.#chronicle = continueChronicle(this.#chronicle, event, effects, at);
    const told = effects.flatMap((effect) => tellEffect(effect) ?? []);
    const said = tellEvent(event);
    return { line, kind, event: event.type, at, time: this.#timeOf(at), said, effects: told, ...this.#after() };
  }

  #begin({ at, time, state }: Extract<JournalEntry, { kind: 'snapshot' }>, line: number): ReplayedStep {
    const start = time === null ? NaN : Date.parse(time);
    this.#offset = Number.isNaN(start) ? null : start - at;
    this.#chronicle = beginChronicle(at);
    const said = `the syncer of ${state.config.cluster} starts as ${state.config.writer}`;
    return { line, kind: 'snapshot', event: null, at, time: this.#timeOf(at), said, effects: [], ...this.#after() };
  }

  #timeOf(at: number): string | null {
    return this.#offset === null ? null : new Date(this.#offset + at).toISOString();
  }

  #after(): Pick<ReplayedStep, 'state' | 'status'> {
    const [state, chronicle, at] = [this.#state, this.#chronicle, this.#at];
    return { state, status: () => (state === null ? null : statusOf(state, chronicle, at)) };
  }
}
