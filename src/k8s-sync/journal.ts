import { YouzanKubeError } from '../conventions/index.js';
import { step, type SyncEvent, type SyncState } from './core/index.js';

/** Takes one record of NDJSON at a time, with its newline; a first one begins with a newline too. */
export type JournalWriter = (line: string) => void;

type JournalLine =
  { readonly at: number; readonly snapshot: SyncState } | { readonly at: number; readonly event: SyncEvent };

/** A process begins with it; the newline before ends what the one before it may have left torn. */
export function snapshotLine(state: SyncState, at: number): string {
  return `\n${JSON.stringify({ at, snapshot: state } satisfies JournalLine)}\n`;
}

export function eventLine(event: SyncEvent, at: number): string {
  return `${JSON.stringify({ at, event } satisfies JournalLine)}\n`;
}

/**
 * Plays a journal back: the state after its last whole line. A later snapshot (a new start of the syncer) begins anew; a
 * line that was torn when the process died is left out.
 *
 * @throws YouzanKubeError `JOURNAL_INVALID` with the line's number.
 */
export function replay(journal: string): SyncState {
  let state: SyncState | undefined;
  let torn: YouzanKubeError | undefined;
  const isEndTorn = !journal.endsWith('\n');
  for (const [index, line] of journal.split('\n').entries()) {
    if (line === '') continue;
    const entry = parse(line, index + 1);
    if (entry instanceof YouzanKubeError) {
      torn ??= entry;
      continue;
    }
    if ('snapshot' in entry) {
      state = entry.snapshot;
      torn = undefined;
    } else if (torn !== undefined) throw torn;
    else if (state === undefined)
      throw new YouzanKubeError('JOURNAL_INVALID', `line ${index + 1} of the journal comes before any snapshot`);
    else ({ state } = step(state, entry.event, entry.at));
  }
  if (torn !== undefined && !isEndTorn) throw torn;
  if (state === undefined) throw new YouzanKubeError('JOURNAL_INVALID', 'the journal is empty');
  return state;
}

function parse(line: string, number: number): JournalLine | YouzanKubeError {
  try {
    return JSON.parse(line) as JournalLine;
  } catch (error) {
    return new YouzanKubeError('JOURNAL_INVALID', `line ${number} of the journal is no JSON`, { cause: error });
  }
}
