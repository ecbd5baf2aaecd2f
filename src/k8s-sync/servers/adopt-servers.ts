import { YouzanKubeError } from '../../conventions/index.js';
import type { Gateway } from '../../gateways/index.js';
import { groupOf, isServing, type Server, serverAddress } from '../../members/index.js';
import { failureOf } from '../failure.js';
import { type GatewayPut, putAtGateway } from './put-at-gateway.js';
import { jobOf, type PutServersOptions } from './put-servers.js';

export interface AdoptServersOptions extends Pick<
  PutServersOptions,
  'gateways' | 'drainGraceMs' | 'deadlineMs' | 'writer' | 'onTrouble' | 'signal'
> {
  readonly upstream: string;
  /** The source under which the servers were written by hand: `vm.bc`. Never a cluster's. */
  readonly from: string;
  /** The clusters' sources that take over: `k8s.bc.bc-a`. */
  readonly to: readonly string[];
  /**
   * Also what is only there by hand goes, in a color and service chain of which the clusters have at least as many
   * serving servers. Default false: only what the clusters have too goes.
   */
  readonly replace?: boolean;
  /** Who hands over; the gateway keeps it with the writes. */
  readonly actor: string;
  /** Look, and write nothing. Default false. */
  readonly dryRun?: boolean;
  /** How long every worker is waited for to have what takes the place. Default 5,000 ms. */
  readonly confirmWaitMs?: number;
}

/** One gateway's part. Addresses as `ip:port`. */
export interface AdoptedAtGateway {
  readonly gateway: string;
  /** Written by hand, and served by a cluster too, confirmed by every worker. */
  readonly both: readonly string[];
  /** Written by hand only. */
  readonly onlyByHand: readonly string[];
  readonly onlyKubernetes: readonly string[];
  /** Hand-made servers that go, or would. */
  readonly goes: readonly string[];
  /** What became of the hand-made ones; null where they could not be compared, see `error`. */
  readonly put: GatewayPut | null;
  readonly error: string | null;
}

/**
 * Hands hand-made servers of one upstream over to the clusters, at each gateway by itself, without a gap: a server goes only
 * when every worker has what takes its place, is drained before it is deleted, and the upstream never has fewer serving
 * servers than the clusters and the remaining machines have together.
 *
 * @throws YouzanKubeError `SERVERS_SOURCE` where `from` is a cluster's source, or there is nobody to hand over to.
 *
 * @example
 * await adoptServers({ gateways, upstream: 'shop.http', from: 'vm.bc', to: ['k8s.bc.bc-a'], actor: 'ann', dryRun: true });
 */
export function adoptServers(options: AdoptServersOptions): Promise<AdoptedAtGateway[]> {
  const { from, to, gateways } = options;
  if (from.startsWith('k8s.') || to.length === 0) {
    const message =
      to.length === 0 ? 'no cluster to hand over to' : `${from} is a cluster's: its syncer alone writes it`;
    throw new YouzanKubeError('SERVERS_SOURCE', message, {
      hint: 'the hand-made servers are those of another source, such as vm.bc or manual.bc',
    });
  }
  return Promise.all(gateways.map((gateway) => adoptAt(gateway, options)));
}

async function adoptAt(gateway: Gateway, options: AdoptServersOptions): Promise<AdoptedAtGateway> {
  const { upstream, from, to, replace = false, actor, confirmWaitMs = 5000, signal } = options;
  const empty = { gateway: gateway.name, both: [], onlyByHand: [], onlyKubernetes: [], goes: [], put: null };
  try {
    const hand = (await gateway.readSource(upstream, from, { signal }))?.servers ?? [];
    const contents = await Promise.all(to.map((source) => gateway.readSource(upstream, source, { signal })));
    const clusters = contents.flatMap((content) => content?.servers ?? []).filter(isServing);
    const revision = Math.max(0, ...contents.map((content) => content?.revision ?? 0));
    // What some worker does not have yet takes nobody's place.
    const { applied, lagging } = await gateway.status({ minRevision: revision, waitMs: confirmWaitMs }, { signal });
    if (!applied) return { ...empty, error: `${gateway.name}: ${lagging.join(', ')} without revision ${revision}` };
    const compared = compare(hand, clusters, replace);
    const going = new Set(compared.goes);
    // Their place is taken: that is the proof for which the guards ask.
    const force = { reason: `served by ${to.join(', ')}`, actor };
    const job = jobOf({ ...options, source: from, force }, (present) => ({
      [upstream]: (present[upstream] ?? []).filter((server) => !going.has(serverAddress(server))),
    }));
    const put = await putAtGateway(gateway, job);
    return { gateway: gateway.name, ...compared, put, error: put.error };
  } catch (error) {
    signal?.throwIfAborted();
    const { code, message } = failureOf(error);
    return { ...empty, error: `${code}: ${message}` };
  }
}

type Comparison = Pick<AdoptedAtGateway, 'both' | 'onlyByHand' | 'onlyKubernetes' | 'goes'>;

/** Which hand-made servers of an upstream the clusters have too, and which may go. */
export function compare(hand: readonly Server[], clusters: readonly Server[], replace: boolean): Comparison {
  const inClusters = new Map(clusters.map((server) => [serverAddress(server), groupOf(server)]));
  const byHand = new Set(hand.map(serverAddress));
  const isBoth = (server: Server): boolean => inClusters.get(serverAddress(server)) === groupOf(server);
  const enough = (group: string): boolean =>
    countIn(clusters, group) >= Math.max(1, countIn(hand.filter(isServing), group));
  return {
    both: hand.filter(isBoth).map(serverAddress),
    onlyByHand: hand.filter((server) => !isBoth(server)).map(serverAddress),
    onlyKubernetes: clusters.map(serverAddress).filter((address) => !byHand.has(address)),
    goes: hand.filter((server) => isBoth(server) || (replace && enough(groupOf(server)))).map(serverAddress),
  };
}

/** Addresses, not servers: one that two clusters have serves once. */
const countIn = (servers: readonly Server[], group: string): number =>
  new Set(servers.filter((server) => groupOf(server) === group).map(serverAddress)).size;
