import { setTimeout as delay } from 'node:timers/promises';
import { type Conventions, isYouzanKubeError } from '../conventions/index.js';
import { isKubeError, type KubeClient } from '../kube/index.js';
import { diagnose } from './diagnose.js';
import { holdRollout } from './hold.js';
import type { ReleaseTarget } from './plan.js';
import type { ReleaseFailure } from './state.js';
import { endStored } from './store/index.js';

export interface ConcludeOptions {
  readonly client: KubeClient;
  readonly app: string;
  readonly target: ReleaseTarget;
  readonly templateHash: string | undefined;
  /** Name of the stored release, when it came so far. */
  readonly secret: string | undefined;
  readonly failure: ReleaseFailure;
  readonly pause: boolean;
  readonly diagnose: boolean;
  readonly conventions: Conventions;
}

/** For all of it: a release that was aborted is still ended properly, but not for ever. */
const deadlineMs = 20_000;
const tryMs = 2000;

/**
 * Ends a cluster that failed: holds its rollout, asks its pods, keeps the failure. It goes on through a cluster's own
 * trouble and says in the failure what it could not do.
 */
export async function conclude(options: ConcludeOptions): Promise<ReleaseFailure> {
  const { client, target, secret, failure, conventions } = options;
  const signal = AbortSignal.timeout(deadlineMs);
  const notes: string[] = [];
  if (options.pause) {
    const trouble = await tried(
      () => holdRollout(client, { ...target, signal: AbortSignal.any([signal, AbortSignal.timeout(tryMs)]) }),
      signal,
    );
    if (trouble !== undefined) notes.push(`the rollout could NOT be paused: ${trouble}`);
  }
  const found = options.diagnose ? await diagnose({ ...options, signal }) : [];
  const [first, ...others] = found;
  const message = [`${failure.message}${first === undefined ? '' : `: ${first}`}`, ...others, ...notes].join('\n  ');
  if (secret !== undefined) {
    const ref = { namespace: target.namespace, name: secret };
    const trouble = await tried(
      () => endStored(client, ref, { status: 'failed', message }, conventions, signal),
      signal,
    );
    if (trouble !== undefined)
      return { ...failure, message: `${message}\n  the failure could not be stored: ${trouble}` };
  }
  return { ...failure, message };
}

/** Undefined when it worked in the end. */
async function tried(action: () => Promise<void>, signal: AbortSignal): Promise<string | undefined> {
  for (let waitMs = 200; ; waitMs *= 2) {
    try {
      await action();
      return undefined;
    } catch (error) {
      if (!isYouzanKubeError(error)) throw error;
      // Nothing to hold or to keep any more.
      if (isKubeError(error, 'KUBE_NOT_FOUND')) return undefined;
      const hopeless =
        !isKubeError(error) ||
        ['KUBE_FORBIDDEN', 'KUBE_UNAUTHORIZED', 'KUBE_INVALID', 'KUBE_CONFLICT'].includes(error.code);
      if (hopeless || signal.aborted) return error.message;
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
