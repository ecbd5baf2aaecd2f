// The core's state in canonical text. Each table names every field of its type: a new one does not compile until it is
// said here what of it counts.
import { epochOf, type SyncState, type UpstreamState } from '../../src/k8s-sync/core/index.js';
import type { Server } from '../../src/members/index.js';
import { serverKey } from '../../src/members/index.js';
import type { Canon, Part } from './canon.js';
import { entriesOf } from './entries.js';
import { frozenMs, graceMs, ticksSince, ticksUntil, tickMs, windowMs } from './time.js';

type Health = SyncState['health'];
type InstanceState = SyncState['instances'][string];
type PlacedUpstream = UpstreamState['placed'][string];

interface Place {
  readonly canon: Canon;
  /** Whose it is. */
  readonly process: string;
  readonly gateway: string;
  readonly path: string;
}

export type Fields<T, P> = { readonly [K in keyof Required<T>]: (value: T[K], place: P, whole: T) => void };

export function writeFields<T extends object, P>(fields: Fields<T, P>, whole: T, place: P): void {
  for (const name in fields) fields[name](whole[name], place, whole);
}

/** It is told to people, or counted, or only says how long something lasts: no decision reads it. */
const ignored = (): void => undefined;

const plain =
  (name: string) =>
  (value: string | number | boolean | null, { canon, path }: { readonly canon: Canon; readonly path: string }): void =>
    canon.line(path, name, String(value));

export const version = (canon: Canon, text: string | number): Part => canon.rank('version', Number(text));
export const revision = (canon: Canon, gateway: string, value: number): Part =>
  canon.rank(`revision ${gateway}`, value);
export const look = (canon: Canon, process: string, gateway: string, value: number | null): Part =>
  value === null ? 'null' : canon.rank(`look ${process} ${gateway}`, value);

/** A generation as its epoch's rank, and the sequence's among those of the epoch. */
export function generation(canon: Canon, text: string): Part[] {
  const epoch = epochOf(text);
  return [canon.rank('epoch', epoch), '/', canon.rank(`sequence ${epoch}`, Number(BigInt(text) & 0xffffffffn))];
}

export function servers(canon: Canon, list: readonly Server[], ...path: Part[]): void {
  for (const server of list) canon.pod(serverKey(server), ...path, server.state);
}

export const conditionOf = (one: { ready: boolean; serving: boolean; terminating: boolean }): string =>
  `${one.ready ? 'r' : '-'}${one.serving ? 's' : '-'}${one.terminating ? 't' : '-'}`;

const age = (canon: Canon, at: number | null, mostMs: number): string =>
  at === null ? 'never' : String(ticksSince(canon.now, at, mostMs));

const health: Fields<Health, Place> = {
  phase: plain('phase'),
  heartbeatAt: (value, { canon, path }) => canon.line(path, 'beat ', age(canon, value, frozenMs)),
  heartbeatVersion: (value, { canon, path }) => canon.line(path, 'beatv ', version(canon, value)),
  watching: plain('watching'),
  listed: plain('listed'),
  listWasOld: plain('listWasOld'),
  listedAt: (value, { canon, path }) => canon.line(path, 'listedAt ', age(canon, value, frozenMs)),
  catchUp: plain('catchUp'),
  seenVersion: (value, { canon, path }) => canon.line(path, 'seen ', version(canon, value)),
  vouchedVersion: (value, { canon, path }) => canon.line(path, 'vouched ', version(canon, value)),
  frozenByOperator: plain('frozenByOperator'),
};

const instance: Fields<InstanceState, Place> = {
  stage: plain('stage'),
  storeId: plain('storeId'),
  // Written with the epoch, below.
  sequence: ignored,
  attempt: ignored,
  looks: (value, { canon, path, process, gateway }) => canon.line(path, 'looks ', look(canon, process, gateway, value)),
  look: (value, { canon, path, process, gateway }) => canon.line(path, 'look ', look(canon, process, gateway, value)),
  confirm: (value, { canon, path, gateway }) => {
    if (value !== null) canon.line(path, `confirm ${value.asking} `, revision(canon, gateway, value.revision));
  },
  applied: (value, { canon, path, gateway }) => canon.line(path, 'applied ', revision(canon, gateway, value)),
  lagging: ignored,
  unconfirmed: (value, { canon, path }) => canon.line(path, 'unconfirmed ', [...value].sort().join()),
};

const placed: Fields<PlacedUpstream, Place> = {
  servers: (value, { canon, path }) => servers(canon, value, path, 'has '),
  inFlight: (value, { canon, path }) => {
    if (value === null) return;
    canon.line(path, `inFlight ${value.forced} `, ...generation(canon, value.generation));
    servers(canon, value.servers, path, 'inFlight ');
  },
  uncertain: plain('uncertain'),
  unsettled: plain('unsettled'),
  look: (value, { canon, path, process, gateway }) => canon.line(path, 'look ', look(canon, process, gateway, value)),
  staleLooks: (value, { canon, path, process, gateway }) =>
    canon.line(path, 'staleLooks ', look(canon, process, gateway, value)),
  retryAt: (value, { canon, path }) => canon.line(path, 'retry ', String(ticksUntil(canon.now, value))),
  attempt: ignored,
  changedAt: ignored,
  unconfirmed: (value, { canon, path, gateway }) => {
    for (const change of value) {
      const at = revision(canon, gateway, change.revision);
      canon.line(path, 'change ', at);
      for (const key of change.drained) canon.pod(key, path, 'change ', at, ' drained');
    }
  },
  drainedAt: (value, { canon, path }) => {
    for (const [key, at] of Object.entries(value)) canon.pod(key, path, 'drained ', age(canon, at, graceMs));
  },
  refused: (value, { canon, path }) => {
    if (value !== null) canon.line(path, `refused ${value.guard} `, age(canon, value.at, windowMs));
  },
  lastError: ignored,
};

const upstream: Fields<UpstreamState, Place> = {
  members: (value, { canon, path }) => {
    for (const [key, member] of Object.entries(value)) canon.pod(key, path, 'member ', conditionOf(member));
  },
  absent: (value, { canon, path }) => {
    for (const [key, { since, member }] of Object.entries(value))
      canon.pod(
        key,
        path,
        'absent ',
        age(canon, since, tickMs),
        ' ',
        member === null ? 'unknown' : conditionOf(member),
      );
  },
  placed: (value, place) => {
    for (const [gateway, one] of Object.entries(value))
      writeFields(placed, one, { ...place, gateway, path: `${place.path}${gateway} ` });
  },
  holds: (value, { canon, path }) => {
    for (const [group, { guard, servers: keys }] of Object.entries(value)) {
      canon.line(path, 'hold ', group, guard);
      for (const key of keys) canon.pod(key, path, 'held');
    }
  },
  proofs: (value, { canon, path }) => {
    for (const [key, proof] of Object.entries(value)) canon.pod(key, path, 'proof ', proof);
  },
  servicesGone: (value, { canon, path }) => canon.line(path, 'servicesGone ', value.join()),
  proofAsked: plain('proofAsked'),
  proofOutdated: plain('proofOutdated'),
  proofAttempt: ignored,
  losses: (value, { canon, path }) => {
    for (const [key, { at }] of Object.entries(value))
      if (canon.now - at < windowMs) canon.pod(key, path, 'loss ', age(canon, at, windowMs));
  },
  admitted: (value, { canon, path }) => {
    for (const key of Object.keys(value)) canon.pod(key, path, 'admitted');
  },
  overridden: (value, { canon, path }) => {
    for (const key of Object.keys(value)) canon.pod(key, path, 'overridden');
  },
};

const core: Fields<SyncState, Place> = {
  config: ignored,
  health: (value, place) => writeFields(health, value, place),
  epoch: (value, { canon, path }) => canon.line(path, 'epoch ', canon.rank('epoch', value ?? 0)),
  slices: (value, { canon, path }) => {
    for (const [key, { endpoints }] of entriesOf(value)) {
      canon.line(path, 'slice ', key);
      for (const endpoint of endpoints) canon.pod(endpoint.uid, path, 'in ', key, conditionOf(endpoint));
    }
  },
  slicesOf: (value, { canon, path }) => {
    for (const [name, keys] of entriesOf(value)) canon.line(path, 'of ', name, keys.join());
  },
  slicesAt: (value, { canon, path }) => {
    for (const [address, keys] of entriesOf(value))
      canon.pod(address.slice(0, address.lastIndexOf(':')), path, 'at ', keys.join());
  },
  // Each pod has a node of its own, with the same name.
  nodes: ({ sight, awaitedSince, known, lost }, { canon, path }) => {
    const awaited = sight === 'awaited' ? age(canon, awaitedSince, tickMs) : '';
    canon.line(path, 'nodes ', sight, awaited);
    for (const [name, { ready }] of Object.entries(known))
      canon.pod(name, path, ready ? 'node ready' : name in lost ? 'node lost' : 'node not ready');
  },
  traffic: (value, { canon, path }) => canon.line(path, 'traffic ', String(value === null ? 100 : value.percent)),
  upstreams: (value, place) => {
    for (const [name, one] of entriesOf(value)) writeFields(upstream, one, { ...place, path: `${place.path}${name} ` });
  },
  instances: (value, place, { epoch }) => {
    const { canon } = place;
    for (const [gateway, one] of Object.entries(value)) {
      const path = `${place.path}${gateway} `;
      canon.line(path, 'sequence ', canon.rank(`sequence ${epoch ?? 0}`, one.sequence));
      writeFields(instance, one, { ...place, gateway, path });
    }
  },
};

export function writeCore(canon: Canon, process: string, state: SyncState): void {
  writeFields(core, state, { canon, process, gateway: '', path: `${process} ` });
}
