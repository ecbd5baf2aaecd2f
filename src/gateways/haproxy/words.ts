// How a source's servers are written into HAProxy: names of servers, keys and values of the map. None holds a character
// that the runtime socket takes for its own.
import { createHash } from 'node:crypto';
import { serverAddress, type Server } from '../../members/server.js';

/** What HAProxy itself does not remember of a server. */
export type Identity = Pick<Server, 'uid' | 'zone' | 'labels'>;

/** What a source has in one upstream, beside its servers. */
export interface SourceEntry {
  readonly generation: string;
  readonly revision: number;
  /** Of the servers that the last write asked for; those that are there have their own. */
  readonly digest: string;
}

export interface ClaimEntry {
  readonly generation: string;
  readonly writer: string;
}

const uidHashLength = 12;

/** `k8s.bc.bc-a_`: what the names of a source's servers begin with. No source has an underscore in its name. */
export const serverPrefix = (source: string): string => `${source}_`;

/** The source that a server's name begins with; undefined for a server of the configuration's own. */
export function sourceOfName(name: string): string | undefined {
  const end = name.indexOf('_');
  return end < 0 ? undefined : name.slice(0, end);
}

/** `k8s.bc.bc-a_10.1.2.3:8030_0f3a5c7e9b1d`: address and pod UID, for logs and as the server's identity. */
export function serverName(source: string, server: Pick<Server, 'ip' | 'port' | 'uid'>): string {
  const hash = createHash('sha256').update(server.uid).digest('hex').slice(0, uidHashLength);
  return `${serverPrefix(source)}${serverAddress(server).replace(/[[\]]/g, '')}_${hash}`;
}

export const claimKey = (source: string): string => `claim/${source}`;
export const entryKey = (upstream: string, source: string): string => `source/${upstream}/${source}`;
export const identityKey = (upstream: string, name: string): string => `server/${upstream}/${name}`;

/** Only letters, digits, `.`, `_`, `-` and percent signs. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

export const encodeClaim = ({ generation, writer }: ClaimEntry): string => `${generation}|${encode(writer)}`;

export function decodeClaim(text: string): ClaimEntry | undefined {
  const [, generation, writer] = /^(\d{1,20})\|(.*)$/.exec(text) ?? [];
  return generation === undefined || writer === undefined ? undefined : { generation, writer: decode(writer) };
}

export const encodeEntry = ({ generation, revision, digest }: SourceEntry): string =>
  `${generation}|${revision}|${digest}`;

export function decodeEntry(text: string): SourceEntry | undefined {
  const [, generation, revision, digest] = /^(\d{1,20})\|(\d{1,10})\|([0-9a-f]{64})$/.exec(text) ?? [];
  if (generation === undefined || digest === undefined) return undefined;
  return { generation, revision: Number(revision), digest };
}

/** `uid|zone|label=value,…`, labels sorted. */
export function encodeIdentity({ uid, zone, labels }: Identity): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((key) => `${encode(key)}=${encode(labels[key] ?? '')}`);
  return `${encode(uid)}|${encode(zone)}|${pairs.join(',')}`;
}

export function decodeIdentity(text: string): Identity | undefined {
  const [uid, zone, pairs] = text.split('|');
  if (uid === undefined || zone === undefined || pairs === undefined) return undefined;
  const labels = pairs === '' ? [] : pairs.split(',').map((pair) => pair.split('=').map(decode));
  return {
    uid: decode(uid),
    zone: decode(zone),
    labels: Object.fromEntries(labels.map(([key = '', value = '']) => [key, value])),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
