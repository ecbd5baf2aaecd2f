import type { Conventions } from '../conventions/index.js';
import type { Gateway } from '../gateways/index.js';
import { type KubeReader, type ListOptions, resources } from '../kube/index.js';
import {
  decodeEndpointSlice,
  type EndpointSliceRecord,
  inOwnNetwork,
  networkAddresses,
  type Server,
  serverAddress,
  serverKey,
} from '../members/index.js';
import {
  type Decision,
  decide,
  emptyPlaced,
  generationOf,
  initialState,
  shardEntries,
  sightOf,
  step,
  type SyncConfig,
  type SyncEvent,
  type SyncState,
} from './core/index.js';

/** What one upstream would become at one gateway. Addresses as `ip:port`. */
export interface PlannedChange {
  readonly gateway: string;
  readonly upstream: string;
  readonly add: readonly string[];
  readonly drain: readonly string[];
  readonly remove: readonly string[];
  /** Removals that a guard holds. */
  readonly held: readonly string[];
}

export interface SyncPlan {
  readonly cluster: string;
  readonly source: string;
  /** Empty when everything is as it should be. */
  readonly changes: readonly PlannedChange[];
  /** Gateways that could not be read, and why. */
  readonly unread: Readonly<Record<string, string>>;
}

export interface PlanInput {
  readonly client: KubeReader;
  readonly gateways: readonly Gateway[];
  readonly namespace: string | undefined;
  readonly conventions: Conventions;
  readonly config: SyncConfig;
  readonly signal: AbortSignal;
}

/** Reads the cluster and each gateway once and lets the core decide on it, as a leader in a live cluster would. */
export async function planSync({
  client,
  gateways,
  namespace,
  conventions,
  config,
  signal,
}: PlanInput): Promise<SyncPlan> {
  const slices = await readSlices(client, { namespace, labelSelector: conventions.labels.app, signal }, conventions);
  const unread: Record<string, string> = {};
  const events: SyncEvent[] = [
    { type: 'heartbeat', resourceVersion: '' },
    { type: 'slices', changes: [{ kind: 'replaced', slices, resourceVersion: '' }, { kind: 'connected' }] },
    { type: 'leading', epoch: 1 },
  ];
  await Promise.all(
    gateways.map(async (gateway) => {
      try {
        const sources = await gateway.readSources(config.source, { signal });
        events.push(
          { type: 'claimed', gateway: gateway.name, generation: generationOf(1, 0), storeId: '' },
          { type: 'sources', gateway: gateway.name, look: 1, sources },
        );
      } catch (error) {
        unread[gateway.name] = error instanceof Error ? error.message : String(error);
      }
    }),
  );
  let state = initialState(config);
  const before = new Map<string, readonly Server[]>();
  for (const event of events) {
    if (event.type === 'sources')
      for (const { upstream, servers } of event.sources) before.set(`${event.gateway} ${upstream}`, servers);
    ({ state } = step(state, event, 0));
  }
  return { cluster: config.cluster, source: config.source, changes: changesOf(state, before, unread), unread };
}

function changesOf(
  state: SyncState,
  before: ReadonlyMap<string, readonly Server[]>,
  unread: Readonly<Record<string, string>>,
): PlannedChange[] {
  const changes: PlannedChange[] = [];
  // Absences that wait for time alone are shown as what they lead to.
  const later = state.config.timings.absenceHoldMs;
  for (const [upstream, entry] of shardEntries(state.upstreams)) {
    for (const gateway of state.config.gateways.filter((name) => unread[name] === undefined)) {
      const servers = before.get(`${gateway} ${upstream}`) ?? [];
      const placed = { ...entry.placed[gateway], servers, inFlight: null, unconfirmed: [] };
      const decision = decide(entry, { ...emptyPlaced, ...placed }, sightOf(state), state.config, later);
      const change = changeOf(gateway, upstream, servers, decision);
      if (change.add.length + change.drain.length + change.remove.length + change.held.length > 0) changes.push(change);
    }
  }
  return changes;
}

function changeOf(gateway: string, upstream: string, servers: readonly Server[], decision: Decision): PlannedChange {
  const had = new Set(servers.map(serverKey));
  const going = new Map(decision.removals.map(({ key, to }) => [key, to]));
  const named = (keep: (key: string) => boolean): string[] =>
    servers.filter((server) => keep(serverKey(server))).map(serverAddress);
  return {
    gateway,
    upstream,
    add: decision.servers.filter((server) => !had.has(serverKey(server))).map(serverAddress),
    drain: named((key) => going.get(key) === 'drain'),
    remove: named((key) => going.get(key) === 'deleted'),
    held: named((key) => Object.values(decision.holds).some((hold) => hold.servers.includes(key))),
  };
}

async function readSlices(
  client: KubeReader,
  list: ListOptions,
  conventions: Conventions,
): Promise<Record<string, EndpointSliceRecord>> {
  const { items } = await client.list(resources.endpointSlices, list);
  const slices = items.flatMap((item) => {
    const slice = decodeEndpointSlice(item, conventions);
    const { namespace = '', name } = item.metadata;
    return slice === undefined ? [] : [[`${namespace}/${name}`, slice] as const];
  });
  if (slices.every(([, { network }]) => network === undefined)) return Object.fromEntries(slices);
  const pods = await client.list(resources.pods, list);
  const addresses = new Map(
    pods.items.map(({ metadata }) => [metadata.uid ?? '', networkAddresses(metadata.annotations)]),
  );
  return Object.fromEntries(slices.map(([key, slice]) => [key, inOwnNetwork(slice, (uid) => addresses.get(uid))]));
}
