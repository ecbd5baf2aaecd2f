import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from './entry.js';

/** Where accepted writes are kept. `append` resolves when the entries are on disk; calls made meanwhile share one fsync. */
export interface Log {
  readonly storeId: string;
  append(entries: readonly Entry[]): Promise<void>;
  /** Bytes that were appended since the last snapshot. */
  readonly sizeBytes: number;
  /** Replaces everything that was appended by these entries, which are asked for in its turn. */
  compact(entries: () => readonly Entry[]): Promise<void>;
  close(): Promise<void>;
}

/** Keeps nothing: a gateway without a folder. */
export function memoryLog(): Log {
  return {
    storeId: randomUUID(),
    append: () => Promise.resolve(),
    sizeBytes: 0,
    compact: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

interface Snapshot {
  readonly storeId: string;
  /** The log that goes on after this snapshot. */
  readonly log: number;
  readonly entries: readonly Entry[];
}

const snapshotFile = 'snapshot.json';
const logFile = (number: number): string => `log-${number}.ndjson`;

async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeSnapshot(dir: string, snapshot: Snapshot): Promise<void> {
  const temporary = join(dir, `${snapshotFile}.new`);
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(JSON.stringify(snapshot));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(dir, snapshotFile));
  await syncFolder(dir);
}

async function readSnapshot(dir: string): Promise<Snapshot | undefined> {
  try {
    return JSON.parse(await readFile(join(dir, snapshotFile), 'utf8')) as Snapshot;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error(`${join(dir, snapshotFile)} can't be read`, { cause: error });
  }
}

/** The whole lines of a log, and how many bytes they are. What stands after the last newline was never acknowledged. */
async function readLog(path: string): Promise<{ entries: Entry[]; sizeBytes: number }> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const sizeBytes = bytes.lastIndexOf(10) + 1;
  const lines = bytes.subarray(0, sizeBytes).toString('utf8').split('\n').slice(0, -1);
  const entries = lines.map((line, index) => {
    try {
      return JSON.parse(line) as Entry;
    } catch (error) {
      throw new Error(`${path}:${index + 1} is not JSON: the log is damaged before its end`, { cause: error });
    }
  });
  return { entries, sizeBytes };
}

/** An append-only log beside an atomic snapshot, in a folder of its own. After a failed write it refuses every other. */
class FileLog implements Log {
  readonly storeId: string;
  sizeBytes: number;
  readonly #dir: string;
  #number: number;
  #file: FileHandle;
  #batch: string[] = [];
  /** The flush that will take what stands in the batch. */
  #next: Promise<void> | undefined;
  #tail: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(dir: string, storeId: string, number: number, file: FileHandle, sizeBytes: number) {
    this.#dir = dir;
    this.storeId = storeId;
    this.#number = number;
    this.#file = file;
    this.sizeBytes = sizeBytes;
  }

  append(entries: readonly Entry[]): Promise<void> {
    this.#batch.push(...entries.map((entry) => `${JSON.stringify(entry)}\n`));
    this.#next ??= this.#inTurn(async () => {
      this.#next = undefined;
      const batch = this.#batch.join('');
      this.#batch = [];
      await this.#file.appendFile(batch);
      await this.#file.datasync();
      this.sizeBytes += Buffer.byteLength(batch);
    });
    return this.#next;
  }

  compact(entries: () => readonly Entry[]): Promise<void> {
    return this.#inTurn(async () => {
      const former = { file: this.#file, number: this.#number };
      const number = former.number + 1;
      const file = await open(join(this.#dir, logFile(number)), 'a');
      await writeSnapshot(this.#dir, { storeId: this.storeId, log: number, entries: entries() });
      this.#file = file;
      this.#number = number;
      this.sizeBytes = 0;
      await former.file.close();
      await rm(join(this.#dir, logFile(former.number)), { force: true });
    });
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.#file.close();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(async () => {
      if (this.#failure !== undefined) throw new Error('an earlier write failed', { cause: this.#failure });
      try {
        await work();
      } catch (error) {
        this.#failure = error;
        throw error;
      }
    });
    this.#tail = done.catch(() => undefined);
    return done;
  }
}

/**
 * Opens the folder's log and reads what it holds. A torn last line, left by a kill, is cut off; damage anywhere else is
 * an error that names the line.
 */
export async function openLog(dir: string): Promise<{ log: Log; entries: readonly Entry[] }> {
  await mkdir(dir, { recursive: true });
  let snapshot = await readSnapshot(dir);
  if (snapshot === undefined) {
    snapshot = { storeId: randomUUID(), log: 1, entries: [] };
    await writeSnapshot(dir, snapshot);
  }
  const { storeId, log: number } = snapshot;
  const path = join(dir, logFile(number));
  const { entries, sizeBytes } = await readLog(path);
  const file = await open(path, 'a');
  await file.truncate(sizeBytes);
  await file.datasync();
  await syncFolder(dir);
  for (const name of await readdir(dir)) {
    if (/^log-\d+\.ndjson$/.test(name) && name !== logFile(number)) await rm(join(dir, name));
  }
  return { log: new FileLog(dir, storeId, number, file, sizeBytes), entries: [...snapshot.entries, ...entries] };
}
