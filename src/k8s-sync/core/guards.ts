import type { Member, Server } from '../../members/index.js';
import { serverKey } from '../../members/index.js';
import type { SyncGuards } from './config.js';
import { type Ground, isBlind } from './evidence.js';
import type { Hold } from './state.js';

/** A removal that a guard looks at. */
export interface Removal {
  readonly group: string;
  /** Keys of all that would go. */
  readonly keys: readonly string[];
  /** Members of the group that would still serve. */
  readonly remaining: number;
  /** Keys of what serves again, though it went within the window. */
  readonly back: ReadonlySet<string>;
}

/**
 * The server's pod stands on a node that was lost together with others, and nothing says that the pod is gone. It may serve
 * as before, also when the control plane wants it to end: its kubelet can't hear of that.
 */
export function isCutOff(ground: Ground, server: Server): boolean {
  if (!ground.config.rules.guards || isBlind(ground)) return false;
  return isOnLostNode(ground, server) && !isProven(ground, server);
}

/** A member whose port contradicts the conventions, which no gateway has and no operator lets in. */
export function isDoubted({ upstream, config }: Ground, key: string, { doubt }: Member): boolean {
  if (doubt === undefined || !config.rules.guards || upstream.admitted[key] !== undefined) return false;
  return !Object.values(upstream.placed).some(({ servers }) => servers.some((server) => serverKey(server) === key));
}

function isOnLostNode({ upstream, sight }: Ground, server: Server): boolean {
  const key = serverKey(server);
  const member = upstream.members[key] ?? upstream.absent[key]?.member;
  return member != null && sight.isLost(member.node);
}

/** The guard that holds a removal of servers that nobody proved; undefined when none does. */
export function guardOf(ground: Ground, removal: Removal): Hold['guard'] | undefined {
  const { upstream, config, now } = ground;
  const { guards, rules } = config;
  const refusal = refusalOf(ground);
  if (refusal !== undefined) return refusal.guard;
  if (!rules.guards || isBlind(ground)) return undefined;
  // A server counts once, at however many gateways and however often its removal is tried.
  const recent = Object.entries(upstream.losses).filter(([key, { group, at }]) => {
    return group === removal.group && now - at < guards.windowMs && !removal.back.has(key);
  });
  const lost = new Set([...recent.map(([key]) => key), ...removal.keys]).size;
  return guardAgainst({ lost, remaining: removal.remaining }, guards);
}

/** The rule alone: the guard that holds back the loss of so many serving servers of a group when so many would remain. */
export function guardAgainst(
  { lost, remaining }: { readonly lost: number; readonly remaining: number },
  { alwaysAllowed, maxShrinkRatio }: Pick<SyncGuards, 'alwaysAllowed' | 'maxShrinkRatio'>,
): 'empty' | 'shrink' | undefined {
  if (remaining === 0) return lost > 0 ? 'empty' : undefined;
  return lost > alwaysAllowed && lost / (lost + remaining) > maxShrinkRatio ? 'shrink' : undefined;
}

/** The gateway's own guard, as long as its window lasts. */
export function refusalOf({
  placed,
  config,
  now,
}: Ground): { readonly guard: Hold['guard']; readonly until: number } | undefined {
  if (placed.refused === null) return undefined;
  const until = placed.refused.at + config.guards.windowMs;
  return now >= until ? undefined : { guard: placed.refused.guard, until };
}

/**
 * A consistent look said that the pod is ending or gone, or that the Service is; or an operator lets it go. On a node that was
 * lost with others to be ending is no proof: the pods that are evicted from there run on.
 */
export function isProven(ground: Ground, server: Server): boolean {
  const { upstream } = ground;
  const { proofs, servicesGone, members, absent, overridden } = upstream;
  const key = serverKey(server);
  if (overridden[key] !== undefined) return true;
  const proof = proofs[key];
  if (proof === 'gone' || proof === 'finished') return true;
  if (proof === 'terminating' && !isOnLostNode(ground, server)) return true;
  const member = members[key] ?? absent[key]?.member;
  return member != null && servicesGone.includes(`${member.namespace}/${member.service}`);
}
