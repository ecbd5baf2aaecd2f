import { type Clock, isKubeError, type KubeClient, resources } from '../../kube/index.js';
import { eventObject, type GuardEvent } from './event-object.js';
import type { HeldService } from './held-services.js';

const mostKnown = 1000;
const callTimeoutMs = 5000;

export interface EventWriterOptions {
  readonly cluster: Pick<KubeClient, 'name' | 'get' | 'create' | 'patch'>;
  /** Names this process. */
  readonly writer: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Writes an Event to the API: the first time an object, later its count. */
export class EventWriter {
  readonly #options: EventWriterOptions;
  /** Counts of the Events that are there, by namespace and name; the oldest is forgotten first. */
  readonly #counts = new Map<string, number>();

  constructor(options: EventWriterOptions) {
    this.#options = options;
  }

  /** Says so many times what is held. Nothing is written where the Service is gone. Throws what the API said. */
  async write(held: HeldService, times: number): Promise<void> {
    const { cluster, writer, clock } = this.#options;
    const serviceUid = await this.#uidOf(held);
    if (serviceUid === undefined) return;
    const at = clock.date().toISOString();
    const event = eventObject(held, { serviceUid, cluster: cluster.name, writer, at, count: times });
    const id = `${held.namespace}/${event.metadata.name}`;
    const former = this.#counts.get(id) ?? (await this.#begin(event));
    const count = former === null ? times : await this.#continue(event, former + times);
    this.#counts.delete(id);
    this.#counts.set(id, count);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > mostKnown && oldest !== undefined) this.#counts.delete(oldest);
  }

  async #uidOf({ namespace, service: name }: HeldService): Promise<string | undefined> {
    try {
      return (await this.#options.cluster.get(resources.services, { namespace, name }, this.#call())).metadata.uid;
    } catch (error) {
      if (isKubeError(error, 'KUBE_NOT_FOUND')) return undefined;
      throw error;
    }
  }

  /** Null when it was created; else how often a former process has counted it. */
  async #begin(event: GuardEvent): Promise<number | null> {
    try {
      await this.#options.cluster.create(resources.events, event, this.#call());
      return null;
    } catch (error) {
      if (!isKubeError(error, 'KUBE_ALREADY_EXISTS')) throw error;
      // A patch that changes nothing answers with the object, and needs no permission to read.
      return (await this.#patch(event, {})).count ?? 0;
    }
  }

  /** The count that it has now: Events expire, and then it begins anew. */
  async #continue(event: GuardEvent & { readonly count: number }, count: number): Promise<number> {
    const { message, lastTimestamp } = event;
    try {
      await this.#patch(event, { message, lastTimestamp, count });
      return count;
    } catch (error) {
      if (!isKubeError(error, 'KUBE_NOT_FOUND')) throw error;
      await this.#options.cluster.create(resources.events, event, this.#call());
      return event.count;
    }
  }

  #patch({ metadata: { name, namespace } }: GuardEvent, patch: object): Promise<GuardEvent> {
    return this.#options.cluster.patch<GuardEvent>(resources.events, { namespace, name }, patch, this.#call());
  }

  #call(): { readonly signal: AbortSignal; readonly timeoutMs: number } {
    return { signal: this.#options.signal, timeoutMs: callTimeoutMs };
  }
}
