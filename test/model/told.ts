import type { SyncEvent } from '../../src/k8s-sync/core/index.js';
import type { EndpointSliceRecord } from '../../src/members/index.js';
import type { Condition, View } from '../simulation/oracle/told.js';
import { frozenMs, suspectMs } from './time.js';

interface Absence {
  readonly since: number;
  readonly last: Condition;
}

/** What one process was told, taken down without anything of the core's: as in the simulation, but a value. */
export interface Told {
  readonly slices: Readonly<Record<string, EndpointSliceRecord>>;
  readonly version: number;
  /** The version that the slices had at the last heartbeat. */
  readonly vouched: number;
  readonly beatAt: number | null;
  readonly beatVersion: number;
  readonly isOpen: boolean;
  /** Entries from before that the watch has yet to tell; -1 while nobody knows how many. */
  readonly owed: number;
  /** Heartbeats since it owes them: a second one does not come before they are told. */
  readonly owedBeats: number;
  readonly needsList: boolean;
  readonly isFrozen: boolean;
  readonly listedAt: number | null;
  readonly absent: Readonly<Record<string, Absence>>;
  readonly ended: readonly string[];
  readonly gone: readonly string[];
  readonly servicesGone: readonly string[];
  readonly overridden: boolean;
}

export const nothingTold: Told = {
  slices: {},
  version: 0,
  vouched: 0,
  beatAt: null,
  beatVersion: 0,
  isOpen: false,
  owed: 0,
  owedBeats: 0,
  needsList: true,
  isFrozen: false,
  listedAt: null,
  absent: {},
  ended: [],
  gone: [],
  servicesGone: [],
  overridden: false,
};

export function observe(told: Told, event: SyncEvent, now: number): Told {
  switch (event.type) {
    case 'heartbeat':
      return heartbeat(told, Number(event.resourceVersion), event.lostWrite === true, now);
    case 'slices':
      return event.changes.reduce((current, change) => withAbsences(current, take(current, change, now), now), told);
    case 'proof': {
      const ended = Object.entries(event.pods).filter(([, proof]) => proof !== 'alive');
      const gone = ended.filter(([, proof]) => proof === 'gone');
      return {
        ...told,
        ended: union(told.ended, keysOf(ended)),
        gone: union(told.gone, keysOf(gone)),
        servicesGone: event.servicesGone,
      };
    }
    case 'freeze':
    case 'unfreeze':
      return { ...told, isFrozen: event.type === 'freeze' };
    case 'override':
      return { ...told, overridden: true };
    default:
      return told;
  }
}

/** A watch was taken up again where it ended, or after a list that was older than what was seen. */
export const resumed = (told: Told, owed: number): Told => (told.owed === -1 ? { ...told, owed } : told);

const keysOf = (entries: readonly (readonly [string, unknown])[]): string[] => entries.map(([key]) => key);
const union = (some: readonly string[], more: readonly string[]): string[] => [...new Set([...some, ...more])].sort();

function heartbeat(told: Told, version: number, lostWrite: boolean, now: number): Told {
  const bound = told.beatAt === null ? told.version : told.vouched;
  const wasRestored = lostWrite || version < told.beatVersion || version < bound;
  const known = wasRestored ? { ...told, version: 0, ended: [], gone: [], servicesGone: [] } : told;
  const wasLong = told.beatAt !== null && now - told.beatAt >= frozenMs;
  return {
    ...known,
    beatAt: now,
    beatVersion: version,
    vouched: known.version,
    owedBeats: known.isOpen && known.owed !== 0 ? known.owedBeats + 1 : 0,
    needsList: known.needsList || wasRestored || wasLong,
  };
}

function take(told: Told, change: Extract<SyncEvent, { type: 'slices' }>['changes'][number], now: number): Told {
  if (change.kind === 'disconnected') return { ...told, isOpen: false, owed: -1, owedBeats: 0 };
  if (change.kind === 'connected') return { ...told, isOpen: true };
  const version = Number(change.resourceVersion);
  if (change.kind === 'replaced') {
    if (version < told.version) return { ...told, owed: -1 };
    const { slices } = change;
    return { ...told, slices, version, owed: 0, needsList: false, listedAt: told.listedAt ?? now };
  }
  const owed = Math.max(told.owed === -1 ? -1 : 0, told.owed - 1);
  if (version <= told.version) return { ...told, owed };
  const others = Object.fromEntries(Object.entries(told.slices).filter(([key]) => key !== change.key));
  const slices = change.kind === 'removed' ? others : { ...others, [change.key]: change.slice };
  return { ...told, slices, version, owed };
}

function withAbsences(former: Told, told: Told, now: number): Told {
  if (former.slices === told.slices) return told;
  const present = membersOf(told);
  const kept = Object.entries(told.absent).filter(([key]) => !present.has(key));
  const vanished = [...membersOf(former)].filter(([key]) => !present.has(key) && told.absent[key] === undefined);
  const added = vanished.map(([key, last]) => [key, { since: now, last }] as const);
  return { ...told, absent: Object.fromEntries([...kept, ...added]) };
}

/** Keys of servers do not repeat over upstreams here: no pod belongs to two. */
function membersOf({ slices }: Told): Map<string, Condition> {
  const members = new Map<string, Condition>();
  for (const { namespace, service, ports, endpoints } of Object.values(slices))
    for (const { port } of ports)
      for (const { ip, uid, ready, serving, terminating } of endpoints)
        members.set(`${ip}:${port}|${uid}`, {
          service: `${namespace}/${service}`,
          ip,
          uid,
          ready,
          serving,
          terminating,
        });
  return members;
}

/** What it may rely on: the simulation's rules of evidence read it. */
export function viewOf(told: Told, now: number): View {
  const members = membersOf(told);
  const holders = new Map<string, Condition[]>();
  for (const [key, condition] of members) {
    const address = key.slice(0, key.indexOf('|'));
    if (!condition.terminating) holders.set(address, [...(holders.get(address) ?? []), condition]);
  }
  return {
    at: now,
    blindness: blindnessOf(told, now),
    isSteady: false,
    members,
    absent: new Map(Object.entries(told.absent)),
    listedAt: told.listedAt ?? Infinity,
    ended: new Set(told.ended),
    gone: new Set(told.gone),
    found: new Set(),
    servicesGone: new Set(told.servicesGone),
    holders,
    isOverridden: told.overridden,
  };
}

function blindnessOf({ beatAt, isOpen, owed, needsList, isFrozen }: Told, now: number): string | undefined {
  if (beatAt === null || now - beatAt >= suspectMs) return 'there was no heartbeat for long';
  if (!isOpen) return 'the watch is broken';
  if (owed !== 0) return 'the watch owes entries from before';
  if (needsList) return 'there was no complete list since sight was lost';
  return isFrozen ? 'an operator froze it' : undefined;
}
