import { setTimeout as delay } from 'node:timers/promises';
import type { Gateway } from '../../../src/gateways/index.js';
import {
  createReflector,
  isKubeError,
  type KubeClient,
  type KubeObject,
  type Reflector,
  resources,
} from '../../../src/kube/index.js';

const lookMs = 50;
/** From a pod's turn to its server's, both as they are seen here. */
const reactionMs = 3000;

/** A server that a gateway has taken out of traffic, and whether the cluster had said by then that its pod goes. */
export interface Removal {
  readonly gateway: string;
  readonly ip: string;
  readonly uid: string;
  readonly isWrong: boolean;
}

export interface EndpointSlice extends KubeObject {
  readonly endpoints?: readonly {
    readonly conditions?: { readonly ready?: boolean; readonly terminating?: boolean };
    readonly targetRef?: { readonly uid?: string };
  }[];
}

/** UIDs of pods that are ready and not about to end. */
export const servingIn = ({ endpoints = [] }: EndpointSlice): readonly string[] =>
  endpoints.flatMap(({ conditions: { ready = true, terminating = false } = {}, targetRef: { uid } = {} }) =>
    uid !== undefined && ready && !terminating ? [uid] : [],
  );

/**
 * Looks at the gateways all the time, and at the cluster, with a consistent read, whenever one drops a server. A pod that
 * serves then, and did not turn just now, was dropped wrongly.
 */
export class Removals {
  readonly all: Removal[] = [];
  readonly #gateways: readonly Gateway[];
  readonly #cluster: KubeClient;
  readonly #place: { readonly upstream: string; readonly source: string; readonly namespace: string };
  readonly #stop = new AbortController();
  readonly #up = new Map<string, ReadonlyMap<string, string>>();
  readonly #judging: Promise<void>[] = [];
  readonly #slices: Reflector;
  /** By UID: since when the slices say that it serves. */
  readonly #servesSince = new Map<string, number>();
  #watching: Promise<unknown> = Promise.resolve();

  /** `cluster` must not be the way that is broken. */
  constructor(
    gateways: readonly Gateway[],
    cluster: KubeClient,
    place: { readonly upstream: string; readonly source: string; readonly namespace: string },
  ) {
    this.#gateways = gateways;
    this.#cluster = cluster;
    this.#place = place;
    const slices = new Map<string, readonly string[]>();
    this.#slices = createReflector<readonly string[]>({
      client: cluster,
      type: resources.endpointSlices,
      namespace: place.namespace,
      decode: servingIn,
      onEvents: (events) => {
        for (const event of events) {
          if (event.type === 'replaced') slices.clear();
          if (event.type === 'replaced') for (const [key, uids] of event.items) slices.set(key, uids);
          else if (event.type === 'upserted') slices.set(event.key, event.item);
          else if (event.type === 'removed') slices.delete(event.key);
        }
        this.#note([...slices.values()].flat());
      },
    });
  }

  start(): void {
    this.#slices.start();
    this.#watching = Promise.all(this.#gateways.map((gateway) => this.#watch(gateway)));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    await Promise.all(this.#judging);
    await this.#slices.stop();
  }

  #note(serving: readonly string[]): void {
    for (const uid of this.#servesSince.keys()) if (!serving.includes(uid)) this.#servesSince.delete(uid);
    for (const uid of serving) if (!this.#servesSince.has(uid)) this.#servesSince.set(uid, Date.now());
  }

  async #watch(gateway: Gateway): Promise<void> {
    const { upstream, source } = this.#place;
    while (!this.#stop.signal.aborted) {
      // One that is down says nothing of what it has.
      const servers = await gateway.readSource(upstream, source, { timeoutMs: 1000 }).then(
        (content) => content?.servers ?? [],
        () => undefined,
      );
      if (servers !== undefined) {
        const up = new Map(servers.filter(({ state }) => state === 'up').map(({ uid, ip }) => [uid, ip]));
        for (const [uid, ip] of this.#up.get(gateway.name) ?? [])
          if (!up.has(uid)) this.#judging.push(this.#judge({ gateway: gateway.name, ip, uid }));
        this.#up.set(gateway.name, up);
      }
      await delay(lookMs);
    }
  }

  async #judge(removed: Omit<Removal, 'isWrong'>): Promise<void> {
    const removedAt = Date.now();
    const servesSince = this.#servesSince.get(removed.uid) ?? removedAt;
    const serving = await this.#servingNow();
    this.all.push({ ...removed, isWrong: serving.includes(removed.uid) && removedAt - servesSince > reactionMs });
  }

  async #servingNow(): Promise<readonly string[]> {
    const { namespace } = this.#place;
    for (;;) {
      try {
        const call = { namespace, timeoutMs: 2000 };
        return (await this.#cluster.list<EndpointSlice>(resources.endpointSlices, call)).items.flatMap(servingIn);
      } catch (error) {
        if (!isKubeError(error) || this.#stop.signal.aborted) throw error;
        await delay(lookMs);
      }
    }
  }
}
