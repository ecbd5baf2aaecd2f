import type { SliceChange } from '../../../src/k8s-sync/core/index.js';
import { isKubeError, KubeError } from '../../../src/kube/index.js';
import type { Timeline } from '../timeline.js';
import type { ApiLink } from './api-link.js';
import type { Host } from './host.js';

const idleMs = 90_000;

/** What the oracle is told of a stream beside its events. */
export interface StreamWitness {
  /** A watch is being taken up again where it ended. */
  resuming(): void;
  /** It is open, and owes so many entries from before. */
  resumed(owed: number): void;
  delivered(entries: number): void;
}

/** A reflector as `src/kube` has it, in virtual time. */
export class ReflectorModel {
  readonly #timeline: Timeline;
  readonly #host: Host;
  readonly #link: ApiLink;
  readonly #witness: StreamWitness;
  readonly #emit: (changes: readonly SliceChange[]) => void;
  #version = 0;
  #isStopped = false;
  #close: () => void = () => undefined;
  #watchdog: () => void = () => undefined;

  constructor(
    timeline: Timeline,
    host: Host,
    link: ApiLink,
    witness: StreamWitness,
    emit: (changes: readonly SliceChange[]) => void,
  ) {
    this.#timeline = timeline;
    this.#host = host;
    this.#link = link;
    this.#witness = witness;
    this.#emit = (changes) => {
      if (!this.#isStopped) emit(changes);
    };
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    this.#close();
    this.#watchdog();
  }

  async #run(): Promise<void> {
    let failures = 0;
    let gone = 0;
    while (!this.#hasStopped()) {
      try {
        if (this.#version === 0) await this.#list();
        await this.#watch(() => {
          failures = 0;
          gone = 0;
        });
      } catch (error) {
        if (this.#hasStopped()) return;
        this.#emit([{ kind: 'disconnected', reason: error instanceof Error ? error.message : String(error) }]);
        if (isKubeError(error, 'KUBE_GONE')) {
          this.#version = 0;
          gone += 1;
          if (gone > 1) await this.#host.sleep(1000);
        } else {
          failures += 1;
          await this.#host.sleep(Math.min(30_000, 200 * 2 ** failures));
        }
      }
    }
  }

  #hasStopped(): boolean {
    return this.#isStopped;
  }

  async #list(): Promise<void> {
    const { version, slices } = await this.#link.list();
    if (this.#hasStopped()) return;
    this.#version = version;
    this.#emit([
      { kind: 'replaced', slices: Object.fromEntries(slices), resourceVersion: String(version) },
      { kind: 'connected' },
    ]);
  }

  /** Ends with an error, as every stream does. */
  async #watch(onOpen: () => void): Promise<never> {
    this.#witness.resuming();
    return await new Promise<never>((_resolve, reject) => {
      let isOver = false;
      const fail = (error: unknown): void => {
        if (isOver) return;
        isOver = true;
        this.#watchdog();
        this.#close();
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      const noteLine = (): void => {
        this.#watchdog();
        this.#watchdog = this.#timeline.after(idleMs, () =>
          this.#host.receive(() => {
            this.#version = 0;
            this.#timeline.noteSettled();
            fail(new KubeError('KUBE_TIMEOUT', `the watch was silent for ${idleMs} ms`));
          }),
        );
      };
      const opening = this.#link.watch(this.#version, {
        onEntries: (entries) => {
          if (isOver || this.#hasStopped()) return;
          noteLine();
          this.#version = entries.at(-1)?.version ?? this.#version;
          this.#witness.delivered(entries.length);
          this.#emit(
            entries.map(({ key, slice, version }) => {
              const resourceVersion = String(version);
              return slice === undefined
                ? { kind: 'removed', key, resourceVersion }
                : { kind: 'upserted', key, slice, resourceVersion };
            }),
          );
        },
        onBookmark: () => {
          if (!isOver) noteLine();
        },
        onBroken: fail,
      });
      opening.then((stream) => {
        if (isOver || this.#hasStopped()) {
          stream.close();
          return;
        }
        this.#close = () => stream.close();
        this.#witness.resumed(stream.owed);
        this.#emit([{ kind: 'connected' }]);
        stream.open();
        onOpen();
        noteLine();
      }, fail);
    });
  }
}
