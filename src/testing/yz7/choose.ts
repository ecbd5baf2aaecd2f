import { isServing } from '../../members/server.js';
import type { EffectiveServer } from '../../gateways/gateway.js';
import type { UpstreamView } from './effective.js';
import type { Route, RouteTarget } from './entry.js';
import type { Snapshot } from './store.js';

/** What of a request decides where it goes. */
export interface Asked {
  /** The Host header, without a port, in lower case. */
  readonly host: string;
  readonly path: string;
  /** The service chain's name, empty for none. */
  readonly sc: string;
}

/** A target that a request may go to, with the servers that it can be. */
export interface Candidates {
  readonly key: string;
  readonly weight: number;
  readonly view: UpstreamView;
  readonly servers: readonly EffectiveServer[];
}

export type Choice =
  { readonly kind: 'candidates'; readonly key: string; readonly targets: readonly Candidates[] } | Nowhere;

/** Why there is nothing to choose. */
export interface Nowhere {
  readonly kind: 'chain_empty' | 'no_server';
  /** Empty when none was found. */
  readonly upstream: string;
}

function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

/** Where a request's host and path lead. */
export interface Destination {
  /** Id of the route, or `=` and the upstream that the host names. */
  readonly key: string;
  readonly targets: readonly RouteTarget[];
}

/** The route with the longest path; without one the Host header may name an upstream itself. */
export function destinationOf(snapshot: Snapshot, host: string, path: string): Destination | undefined {
  let best: { id: string; route: Route } | undefined;
  for (const [id, route] of snapshot.routes) {
    if (!route.hosts.includes(host) || !isUnder(path, route.match.path)) continue;
    if (best === undefined || route.match.path.length > best.route.match.path.length) best = { id, route };
  }
  if (best !== undefined) return { key: best.id, targets: best.route.targets };
  if (!snapshot.views.has(host)) return undefined;
  return { key: `=${host}`, targets: [{ upstream: host, selector: {}, weight: 1 }] };
}

function matches(server: EffectiveServer, { selector }: RouteTarget): boolean {
  if (selector.color !== undefined && server.labels.color !== selector.color) return false;
  return selector.sc === undefined || (server.labels.sc ?? '') === selector.sc;
}

/** Own IDC first; others only when the own has none that serves. */
function nearest(servers: readonly EffectiveServer[], idc: string): readonly EffectiveServer[] {
  const own = servers.filter((server) => server.idc === idc);
  return own.length > 0 ? own : servers;
}

/**
 * The contract's rules up to the last choice: service chain, then targets, then IDC; only servers that are up with a
 * weight. When the chain is known for some target's upstream, only those targets count. A target that has no server is
 * left out, and the others take its share.
 */
export function candidatesFor(snapshot: Snapshot, destination: Destination, sc: string, idc: string): Choice {
  const isKnown = ({ upstream }: RouteTarget): boolean => sc !== '' && snapshot.chains.get(upstream)?.has(sc) === true;
  const weighted = destination.targets.filter(({ weight }) => weight > 0);
  const inChain = weighted.filter(isKnown);
  const chain = inChain.length > 0 ? sc : '';
  const targets = (inChain.length > 0 ? inChain : weighted).flatMap((target): Candidates[] => {
    const view = snapshot.views.get(target.upstream);
    const pool = view?.servers.filter((server) => isServing(server) && (server.labels.sc ?? '') === chain) ?? [];
    const servers = nearest(
      pool.filter((server) => matches(server, target)),
      idc,
    );
    const key = JSON.stringify([target.upstream, chain, target.selector]);
    return view === undefined || servers.length === 0 ? [] : [{ key, weight: target.weight, view, servers }];
  });
  if (targets.length > 0) return { kind: 'candidates', key: JSON.stringify([destination.key, chain]), targets };
  return { kind: chain === '' ? 'no_server' : 'chain_empty', upstream: weighted[0]?.upstream ?? '' };
}
