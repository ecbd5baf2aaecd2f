import { setTimeout as delay } from 'node:timers/promises';
import { type Conventions, findingsError, isYouzanKubeError, youzanConventions } from '../conventions/index.js';
import type { Gateway } from '../gateways/index.js';
import type { KubeClient } from '../kube/index.js';
import { type Applied, applyBundle } from './apply-bundle.js';
import { conclude } from './conclude.js';
import { ReleaseError } from './error.js';
import { finishRelease } from './finish.js';
import { lookAt } from './look.js';
import type { ReleasePlan, ReleaseTarget } from './plan.js';
import { allRules, type ReleaseRules } from './policy.js';
import { type ReleaseResult, resultOf } from './result.js';
import {
  initialRelease,
  type ReleaseEffect,
  type ReleaseEvent,
  type ReleaseInput,
  type ReleaseState,
} from './state.js';
import { stepRelease } from './step.js';

export interface RunReleaseOptions {
  readonly plan: ReleasePlan;
  /** One client per cluster, by the cluster's name. */
  readonly connections: ReadonlyMap<string, KubeClient>;
  /** Every instance that the clusters' syncers write to. */
  readonly gateways: readonly Gateway[];
  /** An abort holds a rollout that is on its way, then ends the release with `RELEASE_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: ReleaseEvent) => void) | undefined;
  readonly conventions?: Conventions | undefined;
  /** For tests of tests only. */
  readonly rules?: Partial<ReleaseRules> | undefined;
}

/**
 * Releases cluster by cluster: stores the bundle, applies it, watches the rollout through the gateways, holds it as soon as
 * a ready pod is not published in time, soaks, verifies again, and only then goes on. The first failure stops everything
 * after it; a cluster that the release never came to gets no write at all.
 *
 * @throws ReleaseError with the first failure's code (`RELEASE_NOT_PUBLISHED`, `RELEASE_PROGRESS_DEADLINE`, …) and the
 * result of every cluster.
 * @throws YouzanKubeError `RELEASE_INVALID` when a cluster of the plan has no connection.
 *
 * @example
 * const { clusters } = await runRelease({ plan, connections, gateways, onEvent: ({ message }) => console.log(message) });
 */
export async function runRelease(options: RunReleaseOptions): Promise<ReleaseResult> {
  const { plan, connections } = options;
  const missing = plan.targets.filter(({ cluster }) => !connections.has(cluster));
  if (missing.length > 0) {
    const has = [...connections.keys()].join(', ');
    throw findingsError(
      'RELEASE_INVALID',
      `the release of ${plan.app} ${plan.version}`,
      missing.map(({ cluster }) => ({ path: 'connections', message: `has no ${cluster}; it has ${has}` })),
    );
  }
  const state = await new ReleaseRun(options).run();
  const result = resultOf(state);
  if (state.aborted || result.clusters.some(({ outcome }) => outcome === 'failed')) throw new ReleaseError(result);
  return result;
}

type Work = Exclude<ReleaseEffect, { readonly type: 'tell' | 'end' }>;

/** The thin shell around {@link stepRelease}: does what it asks for and tells it what came of it. */
class ReleaseRun {
  readonly #options: RunReleaseOptions;
  readonly #conventions: Conventions;
  readonly #applied = new Map<string, Applied>();
  readonly #secrets = new Map<string, string>();
  readonly #working = new Set<Promise<void>>();
  #end: (state: ReleaseState) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  #state: ReleaseState;

  constructor(options: RunReleaseOptions) {
    this.#options = options;
    this.#conventions = options.conventions ?? youzanConventions;
    this.#state = initialRelease(options.plan, { ...allRules, ...options.rules });
  }

  async run(): Promise<ReleaseState> {
    const { signal } = this.#options;
    const abort = (): void => this.#take({ type: 'aborted' });
    const ended = new Promise<ReleaseState>((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    if (signal?.aborted === true) abort();
    else this.#take({ type: 'start' });
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await ended;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  #take(input: ReleaseInput): void {
    const { state, effects } = stepRelease(this.#state, input, performance.timeOrigin + performance.now());
    this.#state = state;
    for (const effect of effects) {
      if (effect.type === 'tell') this.#tell(effect.event);
      else if (effect.type === 'end') this.#end(state);
      else this.#perform(effect);
    }
  }

  /** A listener's own failure must not leave a rollout on its way without its gate. */
  #tell(event: ReleaseEvent): void {
    try {
      this.#options.onEvent?.(event);
    } catch (error) {
      queueMicrotask(() => this.#crash(error));
    }
  }

  #perform(effect: Work): void {
    const work: Promise<void> = this.#work(effect)
      .then((input) => this.#take(input))
      .catch((error: unknown) => this.#crash(error))
      .finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  /** What nobody foresaw: what is on its way is held, then the error goes out. */
  #crash(error: unknown): void {
    this.#take({ type: 'aborted' });
    setImmediate(() => void Promise.allSettled(this.#working).then(() => this.#fail(error)));
  }

  async #work(effect: Work): Promise<ReleaseInput> {
    const { cluster } = effect;
    const { plan, connections, signal } = this.#options;
    const target = plan.targets.find((one) => one.cluster === cluster);
    const client = connections.get(cluster);
    if (target === undefined || client === undefined) throw new TypeError(`the plan has no cluster ${cluster}`);
    switch (effect.type) {
      case 'apply':
        return await this.#apply(client, target);
      case 'look':
        await delay(effect.afterMs, undefined, signal && { signal }).catch(() => undefined);
        return await this.#look(client, target);
      case 'finish':
        return await this.#finish(client, target);
      case 'conclude': {
        const { failure, pause, diagnose } = effect;
        const templateHash = this.#state.clusters.find((one) => one.cluster === cluster)?.templateHash;
        const secret = this.#secrets.get(cluster);
        const found = await conclude({
          client,
          app: plan.app,
          target,
          templateHash,
          secret,
          failure,
          pause,
          diagnose,
          conventions: this.#conventions,
        });
        return { type: 'concluded', cluster, failure: found };
      }
    }
  }

  async #apply(client: KubeClient, target: ReleaseTarget): Promise<ReleaseInput> {
    const { app, version } = this.#options.plan;
    const { cluster } = target;
    const answer = await applyBundle({
      client,
      app,
      version,
      target,
      conventions: this.#conventions,
      signal: this.#options.signal,
    });
    if (answer.secret !== undefined) this.#secrets.set(cluster, answer.secret);
    if ('failure' in answer) return { type: 'apply-failed', cluster, failure: answer.failure, rolling: answer.rolling };
    this.#applied.set(cluster, answer);
    return { type: 'applied', cluster, revision: answer.revision };
  }

  async #look(client: KubeClient, target: ReleaseTarget): Promise<ReleaseInput> {
    const { plan, gateways, signal } = this.#options;
    const { cluster } = target;
    try {
      const applied = this.#appliedIn(cluster);
      const sight = await lookAt({
        client,
        gateways,
        app: plan.app,
        target,
        applied,
        conventions: this.#conventions,
        signal,
      });
      return { type: 'seen', cluster, sight };
    } catch (error) {
      if (!isYouzanKubeError(error) && signal?.aborted !== true) throw error;
      return { type: 'blind', cluster, message: error instanceof Error ? error.message : String(error) };
    }
  }

  async #finish(client: KubeClient, target: ReleaseTarget): Promise<ReleaseInput> {
    const { cluster } = target;
    try {
      await finishRelease({ client, target, applied: this.#appliedIn(cluster), conventions: this.#conventions });
      return { type: 'finished', cluster };
    } catch (error) {
      if (!isYouzanKubeError(error)) throw error;
      const message = `${cluster}: the new version serves, but the release could not be finished: ${error.message}`;
      const hint = 'release again: what is in place is not touched';
      return { type: 'finish-failed', cluster, failure: { code: 'RELEASE_FINISH_FAILED', message, hint } };
    }
  }

  #appliedIn(cluster: string): Applied {
    const applied = this.#applied.get(cluster);
    if (applied === undefined) throw new TypeError(`nothing was applied in ${cluster}`);
    return applied;
  }
}
