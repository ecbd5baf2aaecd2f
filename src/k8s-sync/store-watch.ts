import { setTimeout as delay } from 'node:timers/promises';
import type { Gateway } from '../gateways/index.js';

const askEveryMs = 1000;
const askTimeoutMs = 2000;

/**
 * Asks volatile gateways for their store's id: one that restarted serves nobody until it is written anew, and the drift
 * check would see that a minute later. The others keep their servers over a restart and are not asked.
 */
export class StoreWatch {
  readonly #signal: AbortSignal;
  readonly #moved: (gateway: string, storeId: string) => void;
  readonly #known = new Map<string, string>();
  readonly #watched = new Set<string>();

  constructor(signal: AbortSignal, moved: (gateway: string, storeId: string) => void) {
    this.#signal = signal;
    this.#moved = moved;
  }

  /** The store that answered a claim; from the first one on, a volatile gateway is asked. */
  claimed(gateway: Gateway, storeId: string): void {
    this.#known.set(gateway.name, storeId);
    if (this.#watched.has(gateway.name) || gateway.limits?.includes('volatile') !== true) return;
    this.#watched.add(gateway.name);
    void this.#watch(gateway);
  }

  async #watch(gateway: Gateway): Promise<void> {
    const { name } = gateway;
    const signal = this.#signal;
    while (await delay(askEveryMs, true, { signal, ref: false }).catch(() => false)) {
      try {
        const { storeId } = await gateway.status(undefined, { signal, timeoutMs: askTimeoutMs });
        if (signal.aborted || this.#known.get(name) === storeId) continue;
        this.#known.set(name, storeId);
        this.#moved(name, storeId);
      } catch {
        // Down at this moment; the next answer tells whether it is the same store.
      }
    }
  }
}
