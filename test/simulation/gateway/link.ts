import {
  type ClaimAnswer,
  type EffectiveContent,
  type Gateway,
  type GatewayCallOptions,
  GatewayError,
  type GatewayStatus,
  type SourceContent,
  type SourceWrite,
  type WriteAnswer,
} from '../../../src/gateways/index.js';
import { refusalOf } from '../../../src/gateways/yz7/refusal.js';
import { Problem } from '../../../src/testing/yz7/problem.js';
import type { Random } from '../random.js';
import type { Timeline } from '../timeline.js';
import type { Host } from '../process/host.js';
import type { GatewayInstance } from './instance.js';

const statusOfMode = { 'refuse-503': 503, 'refuse-429': 429, 'refuse-500': 500 } as const;

/** One process's client of one instance, with everything that can happen on the way. */
export class GatewayLink implements Gateway {
  readonly name: string;
  readonly idc = 'bc';
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #host: Host;
  readonly #instance: GatewayInstance;

  constructor(timeline: Timeline, random: Random, host: Host, instance: GatewayInstance) {
    this.#timeline = timeline;
    this.#random = random;
    this.#host = host;
    this.#instance = instance;
    this.name = instance.name;
  }

  claim(
    source: string,
    { generation, writer }: { readonly generation: string; readonly writer: string },
    options: GatewayCallOptions = {},
  ): Promise<ClaimAnswer> {
    return this.#send(options, async () => {
      const { storeId } = this.#instance;
      const former = await this.#instance.claim(source, generation, writer);
      return { storeId, formerGeneration: former.generation, formerWriter: former.writer, upstreams: [] };
    });
  }

  putSource(write: SourceWrite, options: GatewayCallOptions = {}): Promise<WriteAnswer> {
    return this.#send(options, async () => {
      const { storeId } = this.#instance;
      const { entry, changed, added, removed } = await this.#instance.write(write, write.force);
      const { revision, generation, digest } = entry;
      return { storeId, revision, generation, digest, changed, added, removed };
    });
  }

  readSource(upstream: string, source: string, options: GatewayCallOptions = {}): Promise<SourceContent | undefined> {
    return this.#send(options, () => Promise.resolve(this.#instance.content(upstream, source)));
  }

  readSources(source: string, options: GatewayCallOptions = {}): Promise<readonly SourceContent[]> {
    return this.#send(options, () => Promise.resolve(this.#instance.entriesOf(source)));
  }

  readEffective(upstream: string, options: GatewayCallOptions = {}): Promise<EffectiveContent | undefined> {
    return this.#send(options, () => Promise.resolve(this.#instance.effective(upstream)));
  }

  status(wait = { minRevision: 0, waitMs: 0 }, options: GatewayCallOptions = {}): Promise<GatewayStatus> {
    const timeoutMs = (options.timeoutMs ?? 5000) + wait.waitMs;
    return this.#send({ ...options, timeoutMs }, () => this.#instance.status(wait.minRevision, wait.waitMs));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #send<T>({ timeoutMs = 5000 }: GatewayCallOptions, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const started = this.#host.clock.now();
      let isDone = false;
      const timeout = (): void =>
        reject(new GatewayError('TIMEOUT', `no answer within ${timeoutMs} ms`, { retryable: true }));
      const answer = (settle: () => void): void => {
        if (isDone) return;
        this.#host.receive(() => {
          if (isDone) return;
          isDone = true;
          if (this.#host.clock.now() - started > timeoutMs) timeout();
          else settle();
          this.#timeline.noteSettled();
        });
      };
      const fail = (error: unknown): void => reject(error instanceof Error ? error : new Error(String(error)));
      const lost = (code: 'UNREACHABLE' | 'BAD_ANSWER') => (): void =>
        fail(new GatewayError(code, 'as the simulation wants it', { retryable: true }));
      this.#timeline.after(timeoutMs, () => answer(timeout));
      const fate = this.#instance.fate;
      const arrive = (settled: (settle: () => void) => void): void => {
        this.#timeline.noteSettled();
        work().then(
          (value) => settled(() => resolve(value)),
          (error: unknown) => settled(() => fail(this.#refusalOf(error))),
        );
      };
      const back = (settle: () => void): void =>
        void this.#timeline.after(this.#latency(fate === 'slow'), () => answer(settle));
      const nobody = (): void => undefined;
      this.#timeline.after(this.#latency(fate === 'slow'), () => {
        const isDown = this.#instance.mode === 'down';
        if (isDown || fate === 'down') back(lost('UNREACHABLE'));
        else if (fate === 'ok' || fate === 'slow') arrive(back);
        else if (fate === 'lose-request') return;
        else if (fate === 'lose-answer') arrive(nobody);
        else if (fate === 'late')
          this.#timeline.after(timeoutMs + this.#random.between(0, 8000), () => {
            if (this.#instance.mode !== 'down') arrive(nobody);
          });
        else if (fate === 'reset' || fate === 'nonsense') {
          const error = lost(fate === 'reset' ? 'UNREACHABLE' : 'BAD_ANSWER');
          if (this.#random.chance(0.5)) back(error);
          else arrive(() => back(error));
        } else back(() => fail(this.#answerOf(statusOfMode[fate], '')));
      });
    });
  }

  /** The gateway's refusal, as the real client reads it. */
  #refusalOf(error: unknown): unknown {
    return error instanceof Problem ? this.#answerOf(error.status, JSON.stringify(error.body())) : error;
  }

  #answerOf(status: number, text: string): GatewayError {
    const retryAfter = status === 429 ? String(this.#random.between(0, 3)) : undefined;
    return refusalOf({ name: this.name, what: 'a call', status, text, retryAfter });
  }

  #latency(isSlow: boolean): number {
    return isSlow ? this.#random.between(200, 2800) : this.#random.between(1, 30);
  }
}
