import { serverAddress, serverKey, type Server } from '../../members/server.js';

/** Writes of one source, as the gateway counted them. */
export interface WriteCounts {
  /** Writes that changed something. */
  accepted: number;
  /** Accepted writes of what was there already. */
  unchanged: number;
  /** Refused writes by error code. */
  readonly refused: Record<string, number>;
}

/** One accepted change of a source in an upstream. Servers are named `ip:port`. */
export interface HistoryEntry {
  readonly revision: number;
  readonly source: string;
  readonly upstream: string;
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Servers that were `up` before and are `drain` now. */
  readonly drained: readonly string[];
  /** Servers that were removed while `up`: nobody drained them. */
  readonly undrained: readonly string[];
}

/** What the embedded gateway counted since it was started. */
export interface Yz7Stats {
  readonly revision: number;
  /** By source. */
  readonly writes: Readonly<Record<string, WriteCounts>>;
  /** Claims by source. */
  readonly claims: Readonly<Record<string, WriteCounts>>;
  /** The newest 10,000 changes, oldest first. */
  readonly history: readonly HistoryEntry[];
  readonly requests: number;
  /** Requests sent again to another server because the first could not be reached. */
  readonly retries: number;
  /** Requests sent again because a kept connection had been closed meanwhile. */
  readonly staleConnections: number;
  readonly connectFailures: number;
  readonly noServer: number;
  /** Requests cut because their server was deleted while they ran. */
  readonly cut: number;
}

const historyLimit = 10_000;

export function emptyCounts(): WriteCounts {
  return { accepted: 0, unchanged: 0, refused: {} };
}

/** Mutable counters behind {@link Yz7Stats}; the metrics page reads the same ones. */
export class Counters {
  readonly writes = new Map<string, WriteCounts>();
  readonly claims = new Map<string, WriteCounts>();
  readonly undrained = new Map<string, number>();
  readonly history: HistoryEntry[] = [];
  /** `upstream|code` -> requests. */
  readonly requests = new Map<string, number>();
  /** By upstream. */
  readonly retries = new Map<string, number>();
  readonly staleConnections = new Map<string, number>();
  readonly connectFailures = new Map<string, number>();
  readonly noServer = new Map<string, number>();
  readonly cut = new Map<string, number>();

  countWrite(kind: 'writes' | 'claims', source: string, result: 'accepted' | 'unchanged' | { refused: string }): void {
    const counts = this[kind].get(source) ?? emptyCounts();
    this[kind].set(source, counts);
    if (typeof result === 'string') counts[result] += 1;
    else counts.refused[result.refused] = (counts.refused[result.refused] ?? 0) + 1;
  }

  noteChange(
    change: Pick<HistoryEntry, 'revision' | 'source' | 'upstream' | 'at'>,
    before: readonly Server[],
    after: readonly Server[],
  ): void {
    const former = new Map(before.map((server) => [serverKey(server), server]));
    const present = new Map(after.map((server) => [serverKey(server), server]));
    const removed = before.filter((server) => !present.has(serverKey(server)));
    const undrained = removed.filter((server) => server.state === 'up');
    const drained = after.filter((server) => server.state === 'drain' && former.get(serverKey(server))?.state === 'up');
    this.history.push({
      ...change,
      added: after.filter((server) => !former.has(serverKey(server))).map(serverAddress),
      removed: removed.map(serverAddress),
      drained: drained.map(serverAddress),
      undrained: undrained.map(serverAddress),
    });
    if (this.history.length > historyLimit) this.history.shift();
    add(this.undrained, change.source, undrained.length);
  }
}

/** Adds to one counter of a map. */
export function add(counters: Map<string, number>, key: string, by = 1): void {
  if (by > 0) counters.set(key, (counters.get(key) ?? 0) + by);
}

/** The sum of a map of counters. */
export function total(counters: ReadonlyMap<string, number>): number {
  return [...counters.values()].reduce((sum, count) => sum + count, 0);
}
