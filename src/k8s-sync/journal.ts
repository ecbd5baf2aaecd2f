import { YouzanKubeError } from '../conventions/index.js';
import { step, type SyncEffect, type SyncEvent, type SyncState } from './core/index.js';
import { isSyncEvent } from './tell.js';

/** Takes one record of NDJSON at a time, with its newline; a first one begins with a newline too. */
export type JournalWriter = (line: string) => void;

type JournalLine =
  | { readonly at: number; readonly time?: string; readonly snapshot: SyncState }
  | { readonly at: number; readonly event: SyncEvent };

/** A process begins with it; the newline before ends what the one before it may have left torn. */
export function snapshotLine(state: SyncState, at: number, time?: string): string {
  return `\n${JSON.stringify({ at, time, snapshot: state } satisfies JournalLine)}\n`;
}

export function eventLine(event: SyncEvent, at: number): string {
  return `${JSON.stringify({ at, event } satisfies JournalLine)}\n`;
}

/** What a line of a journal led to; `torn` is one that a process left unfinished when it died. */
export type JournalEntry =
  | { readonly kind: 'snapshot'; readonly at: number; readonly time: string | null; readonly state: SyncState }
  | {
      readonly kind: 'event';
      readonly at: number;
      readonly event: SyncEvent;
      readonly effects: readonly SyncEffect[];
      readonly state: SyncState;
    }
  | { readonly kind: 'torn' };

/** Takes a journal line by line, without their newlines, through the core. */
export class JournalReader {
  #state: SyncState | undefined;
  #torn: YouzanKubeError | undefined;
  #hasMore = false;
  #number = 0;

  /** The number of the line that was taken last. */
  get line(): number {
    return this.#number;
  }

  /** Undefined for an empty line. Whether a torn one was the last is known by what follows it. */
  take(text: string): JournalEntry | undefined {
    this.#number += 1;
    this.#hasMore = true;
    if (text === '') return undefined;
    const line = parse(text, this.#number);
    if (line instanceof YouzanKubeError) {
      this.#torn ??= line;
      this.#hasMore = false;
      return { kind: 'torn' };
    }
    if ('snapshot' in line) {
      this.#torn = undefined;
      this.#state = line.snapshot;
      return { kind: 'snapshot', at: line.at, time: line.time ?? null, state: line.snapshot };
    }
    if (this.#torn !== undefined) throw this.#torn;
    if (this.#state === undefined) throw invalid(`line ${this.#number} of the journal comes before any snapshot`);
    const stepped = this.#step(this.#state, line.event, line.at);
    this.#state = stepped.state;
    return { kind: 'event', ...line, ...stepped };
  }

  /** The state after the last whole line. */
  end(): SyncState {
    if (this.#torn !== undefined && this.#hasMore) throw this.#torn;
    if (this.#state === undefined) throw invalid('the journal is empty');
    return this.#state;
  }

  #step(state: SyncState, event: SyncEvent, at: number): ReturnType<typeof step> {
    try {
      return step(state, event, at);
    } catch (cause) {
      throw invalid(`line ${this.#number} of the journal can't be played: the event does not fit the state`, cause);
    }
  }
}

/**
 * Plays a journal back: the state after its last whole line. A later snapshot (a new start of the syncer) begins anew; a
 * line that was torn when the process died is left out.
 *
 * @throws YouzanKubeError `JOURNAL_INVALID` with the line's number.
 */
export function replay(journal: string): SyncState {
  const reader = new JournalReader();
  for (const line of journal.split('\n')) reader.take(line);
  return reader.end();
}

const invalid = (message: string, cause?: unknown): YouzanKubeError =>
  new YouzanKubeError('JOURNAL_INVALID', message, { cause });

function parse(text: string, number: number): JournalLine | YouzanKubeError {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (error) {
    return invalid(`line ${number} of the journal is no JSON`, error);
  }
  if (!isJournalLine(line)) throw invalid(`line ${number} of the journal is neither a snapshot nor an event`);
  return line;
}

function isJournalLine(line: unknown): line is JournalLine {
  if (!isRecord(line) || typeof line['at'] !== 'number') return false;
  return 'snapshot' in line ? isState(line['snapshot']) : isSyncEvent(line['event']);
}

const isState = (value: unknown): value is SyncState =>
  isRecord(value) && isRecord(value['config']) && isRecord(value['health']) && Array.isArray(value['upstreams']);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
