// What an order on a cluster's traffic would change at the gateways, and whether they have somebody else to ask.
import { YouzanKubeError } from '../conventions/index.js';
import type { Gateway } from '../gateways/index.js';
import { Turns } from '../gateways/turns.js';
import { isServing, type Server, serverAddress } from '../members/index.js';
import { type SyncConfig, weightAt } from './core/index.js';
import type { SetTraffic } from './k8s-sync.js';

const deadlineMs = 20_000;
const callTimeoutMs = 5000;
/** Questions that one gateway is asked at once. */
const mostAtOnce = 8;
const mostNamed = 3;

/** Servers of one upstream at one gateway whose state or weight an order on the traffic changes. */
export interface TrafficChange {
  readonly gateway: string;
  readonly upstream: string;
  /** `ip:port`. One that is drained comes back only when its pod is ready. */
  readonly servers: readonly string[];
}

interface View {
  readonly changes: readonly TrafficChange[];
  /** Why the order would take traffic from where nobody else serves, or that nobody can tell; a sentence for each gateway. */
  readonly objections: readonly string[];
}

interface Place {
  readonly gateways: readonly Gateway[];
  readonly config: SyncConfig;
  readonly idc: string;
  readonly signal: AbortSignal;
}

/**
 * What an order changes, by gateway and upstream; empty where nothing changes. Asks every gateway what it has of the cluster,
 * and for 0 % whether another source of the IDC serves the same upstreams.
 *
 * @throws YouzanKubeError `TRAFFIC_INVALID`, and `TRAFFIC_REFUSED` where the cluster would be missed.
 */
export async function viewTraffic(order: SetTraffic, place: Place): Promise<readonly TrafficChange[]> {
  checkTraffic(order);
  const { percent, force = false } = order;
  const signal = AbortSignal.any([place.signal, AbortSignal.timeout(deadlineMs)]);
  const views = await Promise.all(place.gateways.map((gateway) => viewOne(gateway, percent, { ...place, signal })));
  const objections = views.flatMap((view) => view.objections);
  if (percent === 0 && !force && objections.length > 0)
    throw new YouzanKubeError('TRAFFIC_REFUSED', `${place.config.cluster} stays in traffic: ${objections.join('; ')}`, {
      path: place.config.cluster,
      hint: 'bring another cluster of the IDC back first; or insist with --force: requests then go to other IDCs, or fail',
    });
  return views.flatMap(({ changes }) => changes);
}

async function viewOne(gateway: Gateway, percent: number, { config, idc, signal }: Place): Promise<View> {
  const call = { signal, timeoutMs: callTimeoutMs };
  try {
    const contents = await gateway.readSources(config.source, call);
    const changes = contents.flatMap(({ upstream, servers }) => {
      const changed = servers.filter((server) => isChanged(server, percent, config.weight)).map(serverAddress);
      return changed.length === 0 ? [] : [{ gateway: gateway.name, upstream, servers: changed }];
    });
    if (percent > 0) return { changes, objections: [] };
    const served = contents.filter(({ servers }) => servers.some(isServing)).map(({ upstream }) => upstream);
    const turns = new Turns(mostAtOnce);
    const isAlone = await Promise.all(
      served.map((upstream) => turns.run(signal, () => hasNobodyElse(gateway, upstream, config.source, idc, call))),
    );
    const alone = served.filter((_, index) => isAlone[index]);
    return { changes, objections: alone.length === 0 ? [] : [tellAlone(gateway.name, alone, idc)] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { changes: [], objections: [`${gateway.name} can't be asked: ${reason}`] };
  }
}

function isChanged(server: Server, percent: number, weight: number): boolean {
  if (percent === 0) return isServing(server);
  return server.state === 'drain' || (isServing(server) && server.weight !== weightAt(weight, percent));
}

/** Nobody else of the IDC serves the upstream. An address that is ours too counts as ours. */
async function hasNobodyElse(
  gateway: Gateway,
  upstream: string,
  source: string,
  idc: string,
  call: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<boolean> {
  const { servers = [] } = (await gateway.readEffective(upstream, call)) ?? {};
  return !servers.some((server) => isServing(server) && server.idc === idc && !server.sources.includes(source));
}

function tellAlone(gateway: string, upstreams: readonly string[], idc: string): string {
  const more = upstreams.length - mostNamed;
  const named = upstreams.slice(0, mostNamed).join(', ');
  return `at ${gateway} nobody else in ${idc} serves ${named}${more > 0 ? ` and ${more} more` : ''}`;
}

function checkTraffic({ percent, reason = '' }: SetTraffic): void {
  if (!Number.isInteger(percent) || percent < 0 || percent > 100)
    throw new YouzanKubeError('TRAFFIC_INVALID', `percent is ${percent}; it must be a whole number from 0 to 100`);
  if (percent < 100 && reason === '')
    throw new YouzanKubeError('TRAFFIC_INVALID', 'an order on the traffic needs a reason');
}
