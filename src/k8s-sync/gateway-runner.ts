import type { Gateway } from '../gateways/index.js';
import { Turns } from '../gateways/turns.js';
import type { SyncConfig, SyncEffect, SyncEvent } from './core/index.js';
import { failureOf } from './failure.js';
import { StoreWatch } from './store-watch.js';

type GatewayEffect = Extract<SyncEffect, { type: 'claim' | 'read-sources' | 'read' | 'write' | 'confirm' }>;

const callTimeoutMs = 5000;
const confirmWaitMs = 5000;
/**
 * So many upstreams of one instance are written or read at once. A start has thousands to write: all at once they would open
 * as many connections, and most would be late.
 */
const upstreamsAtOnce = 32;

/** Does what the core asks of the gateways and answers each with one event. Instances never wait for one another. */
export class GatewayRunner {
  readonly #gateways: ReadonlyMap<string, Gateway>;
  readonly #config: SyncConfig;
  readonly #answer: (event: SyncEvent) => void;
  readonly #abort = new AbortController();
  /** Those under way, and those that wait for their turn, with the gateway's name. */
  readonly #writes = new Map<Promise<void>, string>();
  readonly #turns: ReadonlyMap<string, Turns>;
  readonly #stores: StoreWatch;

  constructor(gateways: readonly Gateway[], config: SyncConfig, answer: (event: SyncEvent) => void) {
    this.#gateways = new Map(gateways.map((gateway) => [gateway.name, gateway]));
    this.#turns = new Map(gateways.map(({ name }) => [name, new Turns(upstreamsAtOnce)]));
    this.#config = config;
    this.#answer = answer;
    this.#stores = new StoreWatch(this.#abort.signal, (gateway, storeId) =>
      answer({ type: 'other-store', gateway, storeId }),
    );
  }

  run(effect: GatewayEffect): void {
    const gateway = this.#gateways.get(effect.gateway);
    if (gateway === undefined) return;
    const running = this.#inTurn(gateway, effect).then(this.#answer, () => undefined);
    if (effect.type !== 'write') return;
    this.#writes.set(running, effect.gateway);
    void running.finally(() => this.#writes.delete(running));
  }

  /** Rejects only where the runner was aborted before its turn came. */
  #inTurn(gateway: Gateway, effect: GatewayEffect): Promise<SyncEvent> {
    const turns = effect.type === 'write' || effect.type === 'read' ? this.#turns.get(effect.gateway) : undefined;
    const ask = (): Promise<SyncEvent> => this.#ask(gateway, effect);
    return turns === undefined ? ask() : turns.run(this.#abort.signal, ask);
  }

  /** Whether a write to the gateway is under way or waits. */
  isWriting(gateway: string): boolean {
    for (const name of this.#writes.values()) if (name === gateway) return true;
    return false;
  }

  /** Waits for the writes under way, no longer than until `deadline` on the monotonic clock. */
  async settled(deadline: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, deadline - performance.now()));
    });
    await Promise.race([Promise.allSettled(this.#writes.keys()), late]);
    clearTimeout(timer);
  }

  abort(): void {
    this.#abort.abort(new Error('the syncer was stopped'));
  }

  async #ask(gateway: Gateway, effect: GatewayEffect): Promise<SyncEvent> {
    const { source, writer } = this.#config;
    const options = { signal: this.#abort.signal, timeoutMs: callTimeoutMs };
    const name = effect.gateway;
    switch (effect.type) {
      case 'claim':
        try {
          const { storeId } = await gateway.claim(source, { generation: effect.generation, writer }, options);
          this.#stores.claimed(gateway, storeId);
          return { type: 'claimed', gateway: name, generation: effect.generation, storeId };
        } catch (error) {
          return { type: 'claim-failed', gateway: name, generation: effect.generation, failure: failureOf(error) };
        }
      case 'read-sources':
        try {
          const sources = await gateway.readSources(source, options);
          return {
            type: 'sources',
            gateway: name,
            look: effect.look,
            sources: sources.map(({ upstream, servers, revision }) => ({ upstream, servers, revision })),
          };
        } catch (error) {
          return { type: 'sources-failed', gateway: name, look: effect.look, failure: failureOf(error) };
        }
      case 'read':
        try {
          const content = await gateway.readSource(effect.upstream, source, options);
          return {
            type: 'read',
            gateway: name,
            upstream: effect.upstream,
            look: effect.look,
            servers: content?.servers ?? [],
            revision: content?.revision ?? 0,
          };
        } catch (error) {
          const { upstream, look } = effect;
          return { type: 'read-failed', gateway: name, upstream, look, failure: failureOf(error) };
        }
      case 'write': {
        const { upstream, generation, servers, force } = effect;
        try {
          const { storeId, revision, digest, changed } = await gateway.putSource(
            { upstream, source, generation, servers, ...(force === null ? {} : { force }) },
            options,
          );
          return { type: 'written', gateway: name, upstream, generation, storeId, revision, digest, changed };
        } catch (error) {
          return { type: 'write-failed', gateway: name, upstream, generation, failure: failureOf(error) };
        }
      }
      case 'confirm':
        try {
          const { storeId, applied, lagging } = await gateway.status(
            { minRevision: effect.revision, waitMs: confirmWaitMs },
            options,
          );
          return { type: 'confirmed', gateway: name, storeId, revision: effect.revision, applied, lagging };
        } catch (error) {
          return { type: 'confirm-failed', gateway: name, failure: failureOf(error) };
        }
    }
  }
}
