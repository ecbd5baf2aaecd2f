import { groupOf, isServing, type Server, serverAddress, upstreamOf } from '../members/index.js';
import { type ExpectedServer, expectedServers, placeOf, selects } from './expected-server.js';
import type { GatewayContent, GatewayView, PublishObservation, PublishScope } from './observation.js';

/** A ready pod that some place does not have as serving. */
export interface MissingServer extends ExpectedServer {
  /** `slices`, or the name of a gateway instance. */
  readonly where: string;
  readonly why: string;
}

/** Something that serves though no ready pod stands behind it. */
export interface ExtraServer {
  readonly upstream: string;
  readonly address: string;
  readonly uid: string;
  readonly where: string;
}

/** Why nothing at all is the right answer. */
export type ZeroProof = 'service-gone' | 'scaled-to-zero' | 'workload-gone';

/** What one observation says. */
export interface Published {
  /** Pods, slices and every gateway instance have the same set, and every serving worker has it. */
  readonly published: boolean;
  /** The ready pods' servers. */
  readonly servers: readonly ExpectedServer[];
  readonly missing: readonly MissingServer[];
  readonly extra: readonly ExtraServer[];
  /** One sentence each; empty when published. */
  readonly reasons: readonly string[];
  /** Present when the set is empty by proof. */
  readonly zero?: ZeroProof;
}

/**
 * Compares what the pods call for with what slices and gateways have: set equality by (ip, port, pod UID) for each
 * published role. Pure.
 */
export function comparePublished(observation: PublishObservation): Published {
  const { scope, services, gateways } = observation;
  const expected = expectedServers(scope, services, observation.podsBefore);
  const after = expectedServers(scope, services, observation.podsAfter);
  const servers = [...expected.values()];
  const missing: MissingServer[] = [];
  const extra: ExtraServer[] = [];
  const reasons: string[] = [];

  if (!sameKeys(expected, after)) reasons.push('the ready pods changed while they were looked at');
  const zero = servers.length === 0 ? zeroProof(observation) : undefined;
  if (servers.length === 0 && zero === undefined) reasons.push(noProof(observation));

  const slices = sliceDifference(observation, expected);
  missing.push(...slices.missing);
  extra.push(...slices.extra);
  for (const gateway of gateways) {
    const difference = gatewayDifference(gateway, scope, expected);
    missing.push(...difference.missing);
    extra.push(...difference.extra);
    reasons.push(...difference.reasons);
  }
  if (gateways.length === 0) reasons.push('there is no gateway instance to ask');
  reasons.push(...missing.map(missingText), ...extra.map(extraText));
  return {
    published: reasons.length === 0,
    servers,
    missing,
    extra,
    reasons,
    ...(zero === undefined ? {} : { zero }),
  };
}

interface Difference {
  readonly missing: MissingServer[];
  readonly extra: ExtraServer[];
}

type Expected = ReadonlyMap<string, ExpectedServer>;

function sliceDifference({ members }: PublishObservation, expected: Expected): Difference {
  const present = new Map(members.map((member) => [placeOf(upstreamOf(member), member), member]));
  const where = 'slices';
  const missing = [...expected].flatMap(([place, server]) => {
    const member = present.get(place);
    if (member?.ready === true) return [];
    return [{ ...server, where, why: member === undefined ? 'it is not in them' : 'it is not ready in them' }];
  });
  const extra = [...present].flatMap(([place, member]) =>
    member.ready && !expected.has(place)
      ? [{ upstream: upstreamOf(member), address: serverAddress(member), uid: member.uid, where }]
      : [],
  );
  return { missing, extra };
}

function gatewayDifference(
  gateway: GatewayView,
  scope: PublishScope,
  expected: Expected,
): Difference & { readonly reasons: string[] } {
  const { name: where, error, servingWorkers } = gateway;
  const all = (why: string): MissingServer[] => [...expected.values()].map((server) => ({ ...server, where, why }));
  const blind = error ?? (servingWorkers === 0 ? 'it has no serving worker' : undefined);
  if (blind !== undefined) return { missing: all(blind), extra: [], reasons: [`${where}: ${blind}`] };

  const missing = [...expected.values()].flatMap((server) => {
    const content = gateway.contents.find(({ upstream }) => upstream === server.upstream);
    const why = whyMissing(server, content);
    return why === undefined ? [] : [{ ...server, where, why }];
  });
  const extra = gateway.contents.flatMap(({ upstream, servers }) =>
    servers
      .filter((server) => isServing(server) && inScope(server, scope) && !expected.has(placeOf(upstream, server)))
      .map((server) => ({ upstream, address: serverAddress(server), uid: server.uid, where })),
  );
  const lagging = gateway.contents.flatMap(({ upstream, lagging }) =>
    lagging.length === 0 ? [] : [`${where}: ${lagging.join(', ')} lag behind in ${upstream}`],
  );
  return { missing, extra, reasons: lagging };
}

function whyMissing(server: ExpectedServer, content: GatewayContent | undefined): string | undefined {
  const found = content?.servers.find((one) => one.ip === server.ip && one.port === server.port);
  if (content === undefined || found === undefined) return 'it is not there';
  if (found.uid !== server.uid) return `the address belongs to pod UID ${found.uid} there`;
  if (!isServing(found)) return tellIdle(found);
  const group = `${server.color}/${server.sc}`;
  if (groupOf(found) !== group) return `it is in ${groupOf(found)} there, not in ${group}`;
  if (content.lagging.length > 0) return `${content.lagging.join(', ')} do not have it yet`;
  return undefined;
}

function tellIdle({ state, weight }: Server): string {
  const order = state === 'drain' ? ' (an operator may have drained the cluster: youzan-kube sync status)' : '';
  return `it is ${state} with weight ${weight} there${order}`;
}

function inScope(server: Server, { color, sc }: PublishScope): boolean {
  const [ownColor, ownSc] = groupOf(server).split('/');
  return (color === undefined || ownColor === color) && (sc === undefined || ownSc === sc);
}

/** Zero only with proof: nothing there that could serve, and nothing that asks for pods. */
function zeroProof({ services, workloads, podsAfter }: PublishObservation): ZeroProof | undefined {
  if (services.length === 0) return 'service-gone';
  const alive = podsAfter.some((pod) => !pod.terminating && services.some((service) => selects(service, pod)));
  if (alive) return undefined;
  const own = workloads.filter(({ color, sc }) =>
    services.some((service) => service.color === color && service.sc === sc),
  );
  if (own.length === 0) return 'workload-gone';
  return own.every(({ replicas, observed }) => replicas === 0 && observed) ? 'scaled-to-zero' : undefined;
}

function noProof({ scope, workloads }: PublishObservation): string {
  const which =
    scope.templateHash === undefined ? 'no pod is ready' : `no pod of template ${scope.templateHash} is ready`;
  const wanted = workloads.map(({ name, replicas }) => `${name} wants ${replicas}`).join(', ');
  return `${which}${wanted === '' ? '' : `; ${wanted}`}`;
}

function missingText({ pod, uid, address, upstream, where, why }: MissingServer): string {
  return `pod ${pod} (${uid}, ${address}) does not serve ${upstream} at ${where}: ${why}`;
}

function extraText({ uid, address, upstream, where }: ExtraServer): string {
  return `${address} of pod UID ${uid} serves ${upstream} at ${where}, but is no ready pod of this workload`;
}

function sameKeys(left: ReadonlyMap<string, unknown>, right: ReadonlyMap<string, unknown>): boolean {
  return left.size === right.size && [...left.keys()].every((key) => right.has(key));
}
