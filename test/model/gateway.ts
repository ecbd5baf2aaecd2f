// One gateway instance by yz7's contract, as a value: claims, generations, guards, workers.
import { epochOf, type GatewayFailure, type SyncGuards } from '../../src/k8s-sync/core/index.js';
import { digestOf, isServing, type Server, serverKey } from '../../src/members/index.js';
import type { EntryState, InstanceTruth, Worker } from './state.js';
import { windowMs } from './time.js';

/** Revisions of a new store are lower than those of the former one: they say nothing of each other. */
const revisionsOf = (store: number): number => (100 - store) * 1e6;

export function newInstance(store: number, workers: number): InstanceTruth {
  const revision = revisionsOf(store);
  const worker: Worker = { applied: revision, servers: {} };
  return {
    store,
    revision,
    claim: null,
    entries: {},
    workers: Array.from({ length: workers }, () => worker),
    greatestEpoch: 0,
  };
}

export const storeIdOf = (name: string, { store }: InstanceTruth): string => `${name}/${store}`;

export function failure(code: string, change: Partial<GatewayFailure> = {}): GatewayFailure {
  return { code, retryable: true, uncertain: false, retryAfterMs: 0, message: '', presentEpoch: 0, ...change };
}

type Outcome<T> = { readonly instance: InstanceTruth; readonly done: T } | { readonly refusal: GatewayFailure };

const isLess = (one: string, other: string): boolean => BigInt(one) < BigInt(other);
const stale = (claim: string): GatewayFailure =>
  failure('STALE_GENERATION', { retryable: false, presentEpoch: epochOf(claim) });

export function claim(instance: InstanceTruth, generation: string, writer: string): Outcome<null> {
  const former = instance.claim;
  if (former !== null && isLess(generation, former.generation)) return { refusal: stale(former.generation) };
  if (former?.generation === generation && former.writer !== writer)
    return { refusal: { ...stale(generation), code: 'CLAIM_CONFLICT' } };
  return { instance: { ...instance, claim: { generation, writer } }, done: null };
}

interface Put {
  readonly upstream: string;
  readonly generation: string;
  readonly servers: readonly Server[];
  readonly isForced: boolean;
}

export function write(
  instance: InstanceTruth,
  put: Put,
  guards: SyncGuards,
  now: number,
): Outcome<{ readonly revision: number; readonly changed: boolean }> {
  const { upstream, generation, servers } = put;
  if (instance.claim === null) return { refusal: failure('UNCLAIMED') };
  if (isLess(generation, instance.claim.generation)) return { refusal: stale(instance.claim.generation) };
  const stored = instance.entries[upstream];
  if (stored !== undefined && !isLess(stored.generation, generation)) {
    const isSame = generation === stored.generation && digestOf(servers) === digestOf(stored.servers);
    if (isSame) return { instance, done: { revision: stored.revision, changed: false } };
    return { refusal: failure(generation === stored.generation ? 'GENERATION_CONFLICT' : 'STALE_GENERATION') };
  }
  const present = stored?.servers ?? [];
  const past = (stored?.past ?? []).filter(({ until }) => until >= now - windowMs);
  const refused = put.isForced ? undefined : guardOf(present, past, servers, guards);
  if (refused !== undefined) return { refusal: failure(refused) };
  const changed = stored === undefined || digestOf(servers) !== digestOf(present);
  const revision = changed ? instance.revision + 1 : stored.revision;
  const entry = entryAfter(stored, put, { revision, past: noted(past, present, servers, now) });
  const entries = { ...instance.entries, [upstream]: entry };
  const epoch = epochOf(generation);
  return {
    instance: {
      ...instance,
      revision: changed ? revision : instance.revision,
      entries,
      greatestEpoch: Math.max(instance.greatestEpoch, epoch),
    },
    done: { revision, changed },
  };
}

function entryAfter(
  stored: EntryState | undefined,
  { generation, servers }: Put,
  { revision, past }: Pick<EntryState, 'revision' | 'past'>,
): EntryState {
  const served = new Set(stored?.servers.filter(isServing).map(serverKey));
  const adds = servers.some((server) => isServing(server) && !served.has(serverKey(server)));
  const drains = servers.filter(({ state }) => state === 'drain').map(serverKey);
  const up = new Set(servers.filter(isServing).map(serverKey));
  // What was deleted is remembered: a write that comes again late is judged by it.
  const former = Object.entries(stored?.drained ?? {}).filter(([key]) => !up.has(key));
  const added = drains.map((key) => [key, { revision, confirmedAt: null }] as const);
  const drained = [...added, ...former];
  const lastAdd = adds ? revision : (stored?.lastAdd ?? 0);
  return { generation, revision, servers, isAltered: false, past, lastAdd, drained: Object.fromEntries(drained) };
}

const count = (servers: readonly Server[]): number => servers.filter(isServing).length;

/** One group is all that these worlds have. */
function guardOf(
  present: readonly Server[],
  past: EntryState['past'],
  servers: readonly Server[],
  { maxShrinkRatio, alwaysAllowed }: SyncGuards,
): string | undefined {
  const [left, before] = [count(servers), count(present)];
  if (left >= before) return undefined;
  if (left === 0) return 'EMPTY_GUARD';
  const highest = Math.max(before, ...past.map((one) => one.count));
  return left < highest * (1 - maxShrinkRatio) && highest - left > alwaysAllowed ? 'SHRINK_GUARD' : undefined;
}

function noted(
  past: EntryState['past'],
  present: readonly Server[],
  servers: readonly Server[],
  now: number,
): EntryState['past'] {
  const before = count(present);
  if (before === 0 || before === count(servers)) return past;
  return [...past.filter((one) => one.count > before), { count: before, until: now }];
}

/** One worker takes all that the store has. */
export function adopt(instance: InstanceTruth, index: number, now: number): InstanceTruth {
  const servers = Object.fromEntries(Object.entries(instance.entries).map(([name, entry]) => [name, entry.servers]));
  const workers = instance.workers.with(index, { applied: instance.revision, servers });
  const everywhere = Math.min(...workers.map(({ applied }) => applied));
  const entries = Object.entries(instance.entries).map(([name, entry]) => [name, confirm(entry, everywhere, now)]);
  return { ...instance, workers, entries: Object.fromEntries(entries) as InstanceTruth['entries'] };
}

function confirm(entry: EntryState, everywhere: number, now: number): EntryState {
  const drained = Object.entries(entry.drained).map(([key, one]) => {
    const isConfirmed = one.confirmedAt === null && one.revision <= everywhere;
    return [key, isConfirmed ? { ...one, confirmedAt: now } : one] as const;
  });
  return { ...entry, drained: Object.fromEntries(drained) };
}
