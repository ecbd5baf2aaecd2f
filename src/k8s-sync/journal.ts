import { YouzanKubeError } from '../conventions/index.js';
import { step, type SyncEvent, type SyncState } from './core/index.js';

/** Takes one line of NDJSON, with its newline. */
export type JournalWriter = (line: string) => void;

type JournalLine =
  { readonly at: number; readonly snapshot: SyncState } | { readonly at: number; readonly event: SyncEvent };

export function snapshotLine(state: SyncState, at: number): string {
  return `${JSON.stringify({ at, snapshot: state } satisfies JournalLine)}\n`;
}

export function eventLine(event: SyncEvent, at: number): string {
  return `${JSON.stringify({ at, event } satisfies JournalLine)}\n`;
}

/**
 * Plays a journal back: the state after its last whole line. A later snapshot (a new start of the syncer) begins anew; a
 * torn last line is left out.
 *
 * @throws YouzanKubeError `JOURNAL_INVALID` with the line's number.
 */
export function replay(journal: string): SyncState {
  const lines = journal.split('\n');
  let state: SyncState | undefined;
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    let entry: JournalLine;
    try {
      entry = JSON.parse(line) as JournalLine;
    } catch (error) {
      if (index === lines.length - 1) break;
      throw new YouzanKubeError('JOURNAL_INVALID', `line ${index + 1} of the journal is no JSON`, { cause: error });
    }
    if ('snapshot' in entry) state = entry.snapshot;
    else if (state === undefined)
      throw new YouzanKubeError('JOURNAL_INVALID', `line ${index + 1} of the journal comes before any snapshot`);
    else ({ state } = step(state, entry.event, entry.at));
  }
  if (state === undefined) throw new YouzanKubeError('JOURNAL_INVALID', 'the journal is empty');
  return state;
}
