import { isServing, serverAddress, serverKey, type Server } from '../../members/server.js';
import type { SourceEntry } from './entry.js';

/** One address as the data plane chooses it, with every source that has it. */
export interface EffectiveServer extends Server {
  readonly sources: readonly string[];
  /** IDC of the source whose entry is used: the second part of its name. */
  readonly idc: string;
}

export interface Conflict {
  readonly address: string;
  readonly sources: readonly { readonly source: string; readonly uid: string; readonly state: string }[];
}

/** An upstream's merged servers at one moment. Replaced whole with every change of one of its sources. */
export interface UpstreamView {
  readonly name: string;
  /** A server that comes new gets its full weight after this long. */
  readonly slowStartMs: number;
  /** Revision of the newest change of any of its sources. */
  readonly revision: number;
  readonly servers: readonly EffectiveServer[];
  /** Identities of all servers, the hidden ones of a conflict too: a request to any other one is cut. */
  readonly keys: ReadonlySet<string>;
  readonly conflicts: readonly Conflict[];
}

/** The IDC of a source: `bc` of `k8s.bc.bc-a`. */
export function idcOf(source: string): string {
  return source.split('.')[1] ?? '';
}

function rank(server: Server): number {
  if (isServing(server)) return 0;
  return server.state === 'up' ? 1 : server.state === 'drain' ? 2 : 3;
}

/**
 * Merges the sources of one upstream. The same `ip:port` in several is served once: by the entry that serves, and among
 * equal ones by the one that was written last.
 */
export function effectiveView(name: string, slowStartMs: number, sources: readonly SourceEntry[]): UpstreamView {
  const byAddress = new Map<string, { server: Server; entry: SourceEntry }[]>();
  for (const entry of sources) {
    for (const server of entry.servers) {
      const address = serverAddress(server);
      const claims = byAddress.get(address);
      if (claims === undefined) byAddress.set(address, [{ server, entry }]);
      else claims.push({ server, entry });
    }
  }
  const servers: EffectiveServer[] = [];
  const conflicts: Conflict[] = [];
  for (const [address, claims] of byAddress) {
    claims.sort((a, b) => rank(a.server) - rank(b.server) || b.entry.revision - a.entry.revision);
    const [best] = claims;
    if (best === undefined) continue;
    const names = [...new Set(claims.map(({ entry }) => entry.source))];
    servers.push({ ...best.server, sources: names, idc: idcOf(best.entry.source) });
    if (names.length < 2) continue;
    conflicts.push({
      address,
      sources: claims.map(({ server, entry }) => ({ source: entry.source, uid: server.uid, state: server.state })),
    });
  }
  return {
    name,
    slowStartMs,
    revision: Math.max(0, ...sources.map(({ revision }) => revision)),
    servers,
    keys: new Set(sources.flatMap((entry) => entry.servers.map(serverKey))),
    conflicts,
  };
}
