// Events and effects in one short sentence each, for people who read a journal.
import { isServing, type Server } from '../members/index.js';
import {
  epochOf,
  type GatewayFailure,
  type NodeChange,
  type OperatorWord,
  type SliceChange,
  type SyncEffect,
  type SyncEvent,
} from './core/index.js';

/** What a gateway did not do, by the event that says so. */
export const failureWords = {
  'claim-failed': 'did not take the claim',
  'sources-failed': "did not say what it has of the cluster's source",
  'read-failed': 'did not say what an upstream has',
  'write-failed': 'did not take a write',
  'confirm-failed': 'did not say whether its workers have a write',
} as const;

type Told = { readonly [T in SyncEvent['type']]: (event: Extract<SyncEvent, { readonly type: T }>) => string };

const events: Told = {
  slices: ({ changes }) => changes.map(tellChange).join('; '),
  nodes: ({ changes }) => changes.map(tellNodes).join('; '),
  heartbeat: ({ resourceVersion, lostWrite }) =>
    `heartbeat ${resourceVersion}${lostWrite === true ? ', and a former one is lost' : ''}`,
  leading: ({ epoch }) => `leads with epoch ${epoch}`,
  'not-leading': () => 'leads no longer',
  claimed: ({ gateway, generation }) => `${gateway} took the claim of epoch ${epochOf(generation)}`,
  'claim-failed': tellFailure,
  sources: ({ gateway, sources }) => `${gateway} has ${counted(sources.length, 'upstream')} of the source`,
  'sources-failed': tellFailure,
  read: ({ gateway, upstream, servers }) => `${gateway} has ${counted(servers.length, 'server')} of ${upstream}`,
  'read-failed': tellFailure,
  written: ({ gateway, upstream, revision, changed }) =>
    `${gateway} took ${upstream} as revision ${revision}${changed ? '' : ', nothing changed'}`,
  'write-failed': tellFailure,
  confirmed: ({ gateway, revision, applied, lagging }) =>
    applied ? `every worker of ${gateway} has revision ${revision}` : `${gateway}: ${lagging.join(', ')} lag`,
  'confirm-failed': tellFailure,
  'other-store': ({ gateway }) => `${gateway} has another store than before`,
  proof: ({ upstream, pods, servicesGone }) => {
    const found = Object.entries(pods).map(([key, proof]) => `${addressOf(key)} ${proof}`);
    return `pods of ${upstream}: ${[...found, ...servicesGone.map((name) => `Service ${name} gone`)].join(', ')}`;
  },
  'proof-failed': ({ upstream, reason }) => `pods of ${upstream} can't be looked up: ${reason}`,
  timer: ({ name }) => `timer: ${name}`,
  override: (event) => `override of ${event.upstream}${tellWord(event)}`,
  freeze: tellOrder,
  unfreeze: tellOrder,
  traffic: (event) =>
    `${tellPercent(event.percent)}${event.from === undefined ? '' : ' kept in the Lease'}${tellWord(event)}`,
  resync: (event) => `resync${tellWord(event)}`,
};

/** True for what has the type of an event that this version knows. */
export function isSyncEvent(value: unknown): value is SyncEvent {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  return typeof value.type === 'string' && Object.hasOwn(events, value.type);
}

export function tellEvent(event: SyncEvent): string {
  // The table has one function for each type; what the key and the value have in common is lost to the compiler.
  return (events[event.type] as (event: SyncEvent) => string)(event);
}

/** Undefined for what only a program needs: timers and counts. */
export function tellEffect(effect: SyncEffect): string | undefined {
  switch (effect.type) {
    case 'claim':
      return `claim ${effect.gateway} with epoch ${epochOf(effect.generation)}`;
    case 'read-sources':
      return `ask ${effect.gateway} for the source`;
    case 'read':
      return `ask ${effect.gateway} for ${effect.upstream}`;
    case 'write':
      return `write ${effect.upstream} to ${effect.gateway}: ${tellServers(effect.servers)}${effect.force === null ? '' : `, forced: ${effect.force.reason}`}`;
    case 'confirm':
      return `ask the workers of ${effect.gateway} for revision ${effect.revision}`;
    case 'prove':
      return `look up the pods behind ${Object.keys(effect.pods).map(addressOf).join(', ')}`;
    case 'relist':
      return 'list the slices anew';
    case 'renew-epoch':
      return `lead again above epoch ${effect.above}`;
    case 'phase':
      return `${effect.from} -> ${effect.to}: ${effect.reason}`;
    case 'count-guard':
      return `the ${effect.guard} guard ${effect.guard === 'port' ? 'does not add' : 'holds'} ${effect.servers.map(addressOf).join(', ')} of ${effect.upstream}`;
    case 'nodes-lost':
      return tellLost(effect);
    case 'propagated':
      return `${effect.upstream} is at every worker of ${effect.gateway} after ${Math.round(effect.ms)} ms`;
    case 'timer':
    case 'count-write':
      return undefined;
  }
}

/** A server's key without the pod's UID. */
export const addressOf = (key: string): string => key.slice(0, key.indexOf('|'));

/** `2 pods`, `1 pod`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** ` by ann: the rack is off`, as far as it was said. */
export function tellWord({ actor, reason }: OperatorWord): string {
  return `${actor === undefined ? '' : ` by ${actor}`}${reason === undefined ? '' : `: ${reason}`}`;
}

/** `traffic at 20 %`; an order that can't be read leaves it as it is. */
export function tellPercent(percent: number | null): string {
  return percent === null ? 'traffic as the gateways have it' : `traffic at ${percent} %`;
}

function tellOrder(event: Extract<SyncEvent, { type: 'freeze' | 'unfreeze' }>): string {
  return `${event.type}${event.from === undefined ? '' : ' kept in the Lease'}${tellWord(event)}`;
}

function tellFailure(event: {
  readonly type: keyof typeof failureWords;
  readonly gateway: string;
  readonly failure: GatewayFailure;
}): string {
  const { code, message } = event.failure;
  return `${event.gateway} ${failureWords[event.type]}: ${code}: ${message}`;
}

function tellServers(servers: readonly Server[]): string {
  const up = servers.filter(isServing).length;
  const others = servers.length - up;
  return others === 0 ? `${up} up` : `${up} up, ${others} not`;
}

/** `3 of 9 nodes turned not ready together: n1, n2, n3`. */
export function tellLost({ nodes, known }: { readonly nodes: readonly string[]; readonly known: number }): string {
  if (nodes.length === 0) return 'no nodes are lost together any more';
  return `${nodes.length} of ${counted(known, 'node')} turned not ready together: ${named(nodes)}`;
}

const mostNamed = 10;
const named = (names: readonly string[]): string =>
  names.length <= mostNamed
    ? names.join(', ')
    : `${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more`;

function tellNodes(change: NodeChange): string {
  switch (change.kind) {
    case 'replaced': {
      const nodes = Object.values(change.nodes);
      return `list of ${counted(nodes.length, 'node')}, ${nodes.filter(({ ready }) => ready).length} ready`;
    }
    case 'upserted':
      return `node ${change.name} is ${change.node.ready ? 'ready' : 'not ready'}`;
    case 'removed':
      return `node ${change.name} is gone`;
    case 'awaited':
      return 'the nodes are yet to be seen';
    case 'unseen':
      return `the nodes may not be seen: ${change.reason}`;
  }
}

function tellChange(change: SliceChange): string {
  switch (change.kind) {
    case 'replaced':
      return `list of ${counted(Object.keys(change.slices).length, 'slice')}`;
    case 'upserted': {
      const { endpoints } = change.slice;
      return `slice ${change.key}: ${endpoints.filter(({ ready }) => ready).length} of ${counted(endpoints.length, 'endpoint')} ready`;
    }
    case 'removed':
      return `slice ${change.key} is gone`;
    case 'connected':
      return 'the watch is open';
    case 'disconnected':
      return `the watch broke: ${change.reason}`;
  }
}
