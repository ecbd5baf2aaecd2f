import { readFileSync, readdirSync } from 'node:fs';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Its share of the memory that it uses with others, and all of its own. */
  readonly bytes: number;
}

/** Undefined for one that is gone since. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

function bytesOf(pid: number): number {
  try {
    const share = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return Number(share ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** A process and all that it started. */
export function descendantsOf(root: number): readonly ProcessEntry[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const parents = new Map(pids.map((pid) => [pid, parentOf(pid)]));
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || isBelow(parents.get(pid)));
  return pids.filter(isBelow).map((pid) => ({ pid, parent: parents.get(pid) ?? 0, bytes: bytesOf(pid) }));
}

/**
 * The memory of each of these processes with all that it started, other ones of the list and what those started excepted.
 */
export function memoryOf(pids: readonly number[], table: readonly ProcessEntry[]): ReadonlyMap<number, number> {
  const entries = new Map(table.map((entry) => [entry.pid, entry]));
  const bytes = new Map(pids.map((pid) => [pid, 0]));
  for (const { pid, bytes: own } of table) {
    let at: number | undefined = pid;
    while (at !== undefined && !bytes.has(at)) at = entries.get(at)?.parent;
    if (at !== undefined) bytes.set(at, (bytes.get(at) ?? 0) + own);
  }
  return bytes;
}
