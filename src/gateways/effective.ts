import { isServing, serverAddress, type Server } from '../members/server.js';
import type { AddressConflict, EffectiveContent, EffectiveServer, SourceContent } from './gateway.js';

/** The IDC of a source: `bc` of `k8s.bc.bc-a`. */
const idcOf = (source: string): string => source.split('.')[1] ?? '';

function rank(server: Server): number {
  if (isServing(server)) return 0;
  return server.state === 'up' ? 1 : server.state === 'drain' ? 2 : 3;
}

/**
 * Merges the sources of one upstream, as yz7 does: the same `ip:port` in several is served once, by the entry that serves,
 * and among equal ones by the one that was written last. For a gateway whose data plane has no merged view of its own.
 *
 * @example
 * effectiveOf('shop.http', contents).servers.filter(isServing).map(({ idc }) => idc); // ['bc', 'bc', 'bd']
 */
export function effectiveOf(
  upstream: string,
  contents: readonly Pick<SourceContent, 'source' | 'revision' | 'servers'>[],
): EffectiveContent {
  const byAddress = new Map<
    string,
    { readonly server: Server; readonly source: string; readonly revision: number }[]
  >();
  for (const { source, revision, servers } of contents) {
    for (const server of servers) {
      const address = serverAddress(server);
      const entries = byAddress.get(address);
      if (entries === undefined) byAddress.set(address, [{ server, source, revision }]);
      else entries.push({ server, source, revision });
    }
  }
  const servers: EffectiveServer[] = [];
  const conflicts: AddressConflict[] = [];
  for (const [address, entries] of byAddress) {
    entries.sort((a, b) => rank(a.server) - rank(b.server) || b.revision - a.revision);
    const [best] = entries;
    if (best === undefined) continue;
    const sources = [...new Set(entries.map(({ source }) => source))];
    servers.push({ ...best.server, sources, idc: idcOf(best.source) });
    if (sources.length < 2) continue;
    conflicts.push({
      address,
      sources: entries.map(({ server, source }) => ({ source, uid: server.uid, state: server.state })),
    });
  }
  return { upstream, servers, conflicts };
}
