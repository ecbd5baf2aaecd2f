import type { SyncNotice } from './k8s-sync.js';

const longestQueue = 10_000;

/** Hands notices to any number of readers; a reader that does not keep up loses the oldest ones, and holds nobody up. */
export class Notices {
  readonly #readers = new Set<{ readonly queue: SyncNotice[]; wake: () => void }>();
  #ended = false;

  push(notice: SyncNotice): void {
    for (const reader of this.#readers) {
      reader.queue.push(notice);
      if (reader.queue.length > longestQueue) reader.queue.shift();
      reader.wake();
    }
  }

  end(): void {
    this.#ended = true;
    for (const { wake } of this.#readers) wake();
  }

  async *read(): AsyncGenerator<SyncNotice> {
    const reader = { queue: [] as SyncNotice[], wake: (): void => undefined };
    this.#readers.add(reader);
    try {
      while (!this.#ended || reader.queue.length > 0) {
        const notice = reader.queue.shift();
        if (notice !== undefined) yield notice;
        else await new Promise<void>((resolve) => (reader.wake = resolve));
      }
    } finally {
      this.#readers.delete(reader);
    }
  }
}
