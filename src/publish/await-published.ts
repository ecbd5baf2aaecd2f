import { setTimeout as delay } from 'node:timers/promises';
import { YouzanKubeError } from '../conventions/index.js';
import { isKubeError, type KubeErrorCode } from '../kube/index.js';
import type { Published } from './compare.js';
import { observePublished, type ObservePublishedOptions } from './observe.js';

export interface AwaitPublishedOptions extends ObservePublishedOptions {
  /** Milliseconds until it fails. */
  readonly deadlineMs: number;
  /** Called with every observation that is not yet the end. */
  readonly onProgress?: ((published: Published) => void) | undefined;
}

const firstWaitMs = 100;
const longestWaitMs = 500;
/** A read that fails so will fail again. */
const final: readonly KubeErrorCode[] = ['KUBE_UNAUTHORIZED', 'KUBE_FORBIDDEN', 'KUBE_INVALID', 'KUBE_CREDENTIALS'];

/**
 * Waits until every ready pod of an app in one cluster serves at every worker of every gateway instance, and nothing else
 * of that app and cluster does. Works from any process: it reads the cluster and the gateways themselves. An empty set
 * counts only by proof: the Service is gone, or its workload asks for none.
 *
 * @throws YouzanKubeError `PUBLISH_DEADLINE`, naming each pod and the instance that lacks it.
 *
 * @example
 * await awaitPublished({ client, gateways, idc: 'bc', cluster: 'bc-a', namespace: 'trade', app: 'trade-core', deadlineMs: 10_000 });
 */
export async function awaitPublished(options: AwaitPublishedOptions): Promise<Published> {
  const { deadlineMs, signal, onProgress } = options;
  const deadline = performance.now() + deadlineMs;
  let reasons: readonly string[] = [];
  let cause: unknown;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(longestWaitMs, waitMs * 1.5)) {
    signal?.throwIfAborted();
    const leftMs = Math.ceil(deadline - performance.now());
    if (leftMs <= 0) throw tooLate(options, reasons, cause);
    try {
      const published = await observePublished({ ...options, timeoutMs: Math.min(leftMs, options.timeoutMs ?? 5000) });
      if (published.published) return published;
      onProgress?.(published);
      // An observation that the deadline itself cut short says less than the one before.
      if (cause !== undefined || reasons.length === 0 || performance.now() < deadline) reasons = published.reasons;
      cause = undefined;
    } catch (error) {
      signal?.throwIfAborted();
      if (!isKubeError(error) || final.includes(error.code)) throw error;
      if (reasons.length === 0 || performance.now() < deadline) reasons = [error.message];
      cause = error;
    }
    const restMs = Math.max(0, Math.min(waitMs, deadline - performance.now()));
    await delay(restMs, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
  }
}

function tooLate(
  { app, cluster, deadlineMs }: AwaitPublishedOptions,
  reasons: readonly string[],
  cause: unknown,
): YouzanKubeError {
  const shown = reasons.slice(0, 20).map((reason) => `  ${reason}`);
  const more = reasons.length > shown.length ? [`  and ${reasons.length - shown.length} more`] : [];
  return new YouzanKubeError(
    'PUBLISH_DEADLINE',
    [`${app} in ${cluster} is not published after ${deadlineMs} ms:`, ...shown, ...more].join('\n'),
    {
      path: `${cluster}/${app}`,
      hint: "look at the cluster's syncer (state, guards, writes by result) and at the gateway instances named here",
      cause,
    },
  );
}
