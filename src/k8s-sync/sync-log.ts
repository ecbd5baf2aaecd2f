import type { SyncEffect, SyncEvent } from './core/index.js';
import type { SyncLogger } from './k8s-sync.js';
import { tellEvent, tellLost } from './tell.js';

const operators: readonly SyncEvent['type'][] = ['freeze', 'unfreeze', 'traffic', 'resync', 'override'];

/** Says what happened, where a reader of the log would want to know. */
export function logEvent(logger: SyncLogger | undefined, cluster: string, event: SyncEvent): void {
  if (event.type === 'leading') logger?.info({ cluster, ...event }, 'leading');
  if (event.type === 'not-leading') logger?.info({ cluster, ...event }, 'no longer leading');
  if (operators.includes(event.type)) logger?.warn({ cluster, ...event }, tellEvent(event));
  if ('failure' in event) logger?.warn({ cluster, ...event }, tellEvent(event));
}

/** Says what came of it. */
export function logEffect(logger: SyncLogger | undefined, cluster: string, effect: SyncEffect): void {
  if (effect.type === 'phase') logger?.warn({ cluster, ...effect }, `${cluster} is ${effect.to}`);
  if (effect.type === 'nodes-lost') logger?.error({ cluster, ...effect }, tellLost(effect));
  if (effect.type === 'count-guard')
    logger?.error(
      { cluster, ...effect },
      `${effect.upstream}: the ${effect.guard} guard ${effect.guard === 'port' ? 'does not add a server' : 'holds a removal'}`,
    );
}
