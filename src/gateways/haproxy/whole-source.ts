// One source in every upstream, out of a dump of the whole store.
import { digestOf } from '../../members/server.js';
import type { SourceContent } from '../gateway.js';
import { type Change, removeCommands } from './change.js';
import type { Conversation, Dump } from './conversation.js';
import { decodeEntry, entryKey, identityKey, serverPrefix } from './words.js';

export type Litter = Pick<Change, 'commands' | 'gone'>;

/** What the source has in each upstream that it was ever written to. */
export function contentsOf(talk: Conversation, source: string, { map, live }: Dump): readonly SourceContent[] {
  const upstreams = [...map.keys()].flatMap((key) => {
    const [kind, upstream = '', owner] = key.split('/');
    return kind === 'source' && owner === source ? [upstream] : [];
  });
  const identities = identitiesOf(map);
  return upstreams.flatMap((upstream): SourceContent[] => {
    const entry = talk.decoded(map, entryKey(upstream, source), decodeEntry);
    if (entry === undefined) return [];
    const own = live.filter(({ backend, name }) => backend === upstream && name.startsWith(serverPrefix(source)));
    const known = identities.get(upstream) ?? new Map<string, string>();
    const servers = talk.servers({ upstream, source, live: own, identities: known });
    const { generation, revision } = entry;
    return [{ upstream, source, generation, revision, digest: digestOf(servers), servers }];
  });
}

/** What earlier writers left behind: servers without identity, and identities without server. */
export function litterOf(map: string, source: string, dump: Pick<Dump, 'map' | 'live'>): Litter {
  const prefix = serverPrefix(source);
  const own = dump.live.filter(({ name }) => name.startsWith(prefix));
  const there = new Set(own.map(({ backend, name }) => identityKey(backend, name)));
  const leftovers = own.filter(({ backend, name }) => !dump.map.has(identityKey(backend, name)));
  const orphans = [...dump.map.keys()].filter((key) => {
    const [kind, , name] = key.split('/');
    return kind === 'server' && name?.startsWith(prefix) === true && !there.has(key);
  });
  return {
    commands: [
      ...leftovers.flatMap(({ backend, name }) => removeCommands(map, backend, name, false)),
      ...orphans.map((key) => `del map ${map} ${key}`),
    ],
    gone: leftovers.map(({ backend, name }) => `${backend}/${name}`),
  };
}

function identitiesOf(map: ReadonlyMap<string, string>): ReadonlyMap<string, Map<string, string>> {
  const identities = new Map<string, Map<string, string>>();
  for (const [key, value] of map) {
    const [kind, upstream = '', name = ''] = key.split('/');
    if (kind !== 'server') continue;
    const own = identities.get(upstream) ?? new Map<string, string>();
    identities.set(upstream, own.set(name, value));
  }
  return identities;
}
