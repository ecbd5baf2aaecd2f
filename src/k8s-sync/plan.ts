import type { Conventions } from '../conventions/index.js';
import type { Gateway, SourceContent } from '../gateways/index.js';
import { isKubeError, type KubeReader, type ListOptions, resources } from '../kube/index.js';
import {
  decodeEndpointSlice,
  decodeNode,
  type EndpointSliceRecord,
  inOwnNetwork,
  networkAddresses,
  type NodeRecord,
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
  type TrafficOrder,
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
  /** The order that stands. */
  readonly traffic: TrafficOrder | null;
  readonly signal: AbortSignal;
}

/** Reads the cluster and each gateway once and lets the core decide on it, as a leader in a live cluster would. */
export async function planSync({
  client,
  gateways,
  namespace,
  conventions,
  config,
  traffic,
  signal,
}: PlanInput): Promise<SyncPlan> {
  const slices = await readSlices(client, { namespace, labelSelector: conventions.labels.app, signal }, conventions);
  const nodes = namespace === undefined ? await readNodes(client, signal) : {};
  const unread: Record<string, string> = {};
  const contents = new Map<string, readonly SourceContent[]>();
  await Promise.all(
    gateways.map(async (gateway) => {
      try {
        contents.set(gateway.name, await gateway.readSources(config.source, { signal }));
      } catch (error) {
        unread[gateway.name] = error instanceof Error ? error.message : String(error);
      }
    }),
  );
  const changes = plannedChanges(config, slices, contents, nodes, traffic);
  return { cluster: config.cluster, source: config.source, changes, unread };
}

/** What a leader would change at the gateways that were read, by what the cluster has. */
export function plannedChanges(
  config: SyncConfig,
  slices: Readonly<Record<string, EndpointSliceRecord>>,
  contents: ReadonlyMap<string, readonly SourceContent[]>,
  nodes: Readonly<Record<string, NodeRecord>> = {},
  traffic: TrafficOrder | null = null,
): PlannedChange[] {
  const events: SyncEvent[] = [
    { type: 'traffic', percent: 100, ...traffic },
    { type: 'nodes', changes: [{ kind: 'replaced', nodes }] },
    { type: 'heartbeat', resourceVersion: '' },
    { type: 'slices', changes: [{ kind: 'replaced', slices, resourceVersion: '' }, { kind: 'connected' }] },
    { type: 'leading', epoch: 1 },
    ...[...contents].flatMap(([gateway, sources]): SyncEvent[] => [
      { type: 'claimed', gateway, generation: generationOf(1, 0), storeId: '' },
      { type: 'sources', gateway, look: 1, sources },
    ]),
  ];
  let state = initialState(config);
  for (const event of events) ({ state } = step(state, event, 0));
  return changesOf(state, contents);
}

function changesOf(state: SyncState, contents: ReadonlyMap<string, readonly SourceContent[]>): PlannedChange[] {
  const changes: PlannedChange[] = [];
  // Absences that wait for time alone are shown as what they lead to.
  const later = state.config.timings.absenceHoldMs;
  for (const [upstream, entry] of shardEntries(state.upstreams)) {
    for (const [gateway, sources] of contents) {
      const servers = sources.find((source) => source.upstream === upstream)?.servers ?? [];
      const decideWith = (present: readonly Server[]): Decision => {
        const placed = { ...emptyPlaced, ...entry.placed[gateway], servers: present, inFlight: null, unconfirmed: [] };
        return decide({
          upstream: entry,
          placed,
          sight: sightOf(state),
          traffic: state.traffic,
          config: state.config,
          now: later,
        });
      };
      // What waits for adds to be confirmed is planned too.
      const first = decideWith(servers);
      const then = decideWith(first.servers);
      const decision = { ...then, removals: [...first.removals, ...then.removals] };
      const change = changeOf(gateway, upstream, servers, decision);
      if (change.add.length + change.drain.length + change.remove.length + change.held.length > 0) changes.push(change);
    }
  }
  return changes;
}

function changeOf(gateway: string, upstream: string, servers: readonly Server[], decision: Decision): PlannedChange {
  const had = new Set(servers.map(serverKey));
  const going = new Map(decision.removals.map(({ key, to }) => [key, to]));
  const after = new Map(decision.servers.map((server) => [serverKey(server), server]));
  const isDrained = (key: string): boolean => after.get(key)?.state === 'drain';
  const wasDrained = new Set(servers.filter(({ state }) => state === 'drain').map(serverKey));
  const named = (keep: (key: string) => boolean): string[] =>
    servers.filter((server) => keep(serverKey(server))).map(serverAddress);
  return {
    gateway,
    upstream,
    add: decision.servers.filter((server) => !had.has(serverKey(server))).map(serverAddress),
    drain: named((key) => going.get(key) === 'drain' || (isDrained(key) && !wasDrained.has(key))),
    remove: named((key) => going.get(key) === 'deleted'),
    held: named((key) => Object.values(decision.holds).some((hold) => hold.servers.includes(key))),
  };
}

/** None where they may not be seen: then their guard is off, as in the syncer. */
async function readNodes(client: KubeReader, signal: AbortSignal): Promise<Record<string, NodeRecord>> {
  try {
    const { items } = await client.list(resources.nodes, { signal });
    return Object.fromEntries(
      items.flatMap((item) => {
        const node = decodeNode(item);
        return node === undefined ? [] : [[item.metadata.name, node] as const];
      }),
    );
  } catch (error) {
    if (isKubeError(error, 'KUBE_FORBIDDEN')) return {};
    throw error;
  }
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
