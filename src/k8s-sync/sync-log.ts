import type { SyncEffect, SyncEvent } from './core/index.js';
import type { SyncLogger } from './k8s-sync.js';

const failureWords = {
  'claim-failed': 'did not take the claim',
  'sources-failed': "did not say what it has of the cluster's source",
  'read-failed': 'did not say what an upstream has',
  'write-failed': 'did not take a write',
  'confirm-failed': 'did not say whether its workers have a write',
} as const;

/** Says what happened, where a reader of the log would want to know. */
export function logEvent(logger: SyncLogger | undefined, cluster: string, event: SyncEvent): void {
  if (event.type === 'leading') logger?.info({ cluster, ...event }, 'leading');
  if (event.type === 'not-leading') logger?.info({ cluster, ...event }, 'no longer leading');
  if (!('failure' in event)) return;
  const { code, message } = event.failure;
  logger?.warn({ cluster, ...event }, `${event.gateway} ${failureWords[event.type]}: ${code}: ${message}`);
}

/** Says what came of it. */
export function logEffect(logger: SyncLogger | undefined, cluster: string, effect: SyncEffect): void {
  if (effect.type === 'phase') logger?.warn({ cluster, ...effect }, `${cluster} is ${effect.to}`);
  if (effect.type === 'count-guard')
    logger?.error({ cluster, ...effect }, `${effect.upstream}: the ${effect.guard} guard holds a removal`);
}
