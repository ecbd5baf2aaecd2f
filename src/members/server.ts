import { createHash } from 'node:crypto';

/** `drain` takes no new requests, `down` is kept in the list and never chosen. */
export type ServerState = 'up' | 'drain' | 'down';

/**
 * One address in an upstream, as `yz7-contract.md` defines it. `uid` is the pod's UID: the same `ip:port` with another
 * `uid` is another server.
 */
export interface Server {
  /** RFC 5952 text. */
  readonly ip: string;
  readonly port: number;
  /** 0 to 1000; 100 is the usual weight. */
  readonly weight: number;
  readonly state: ServerState;
  readonly uid: string;
  readonly zone: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** `ip:port`, with IPv6 in brackets. */
export function serverAddress(server: { readonly ip: string; readonly port: number }): string {
  return server.ip.includes(':') ? `[${server.ip}]:${server.port}` : `${server.ip}:${server.port}`;
}

/** The identity of a server: address and pod UID. */
export function serverKey(server: { readonly ip: string; readonly port: number; readonly uid: string }): string {
  return `${serverAddress(server)}|${server.uid}`;
}

/** True when new requests may reach it: `up`, with a weight above 0. */
export function isServing(server: Server): boolean {
  return server.state === 'up' && server.weight > 0;
}

/** Whether two servers with the same key say the same of it. */
export function isSameServer(one: Server, other: Server): boolean {
  if (one === other) return true;
  const labels = Object.entries(one.labels);
  return (
    one.state === other.state &&
    one.weight === other.weight &&
    one.zone === other.zone &&
    Object.keys(other.labels).length === labels.length &&
    labels.every(([name, value]) => other.labels[name] === value)
  );
}

function digestLine(server: Server): string {
  const labels = Object.keys(server.labels)
    .sort()
    .map((key) => `${key}=${server.labels[key] ?? ''}`)
    .join(',');
  return `${serverAddress(server)}|${server.uid}|${server.weight}|${server.state}|${server.zone}|${labels}`;
}

/**
 * The digest of one source in one upstream: sha256, hex, over the sorted lines
 * `ip:port|uid|weight|state|zone|label=value,…` joined by newlines (yz7-contract.md). The order of `servers` does not
 * matter.
 */
export function digestOf(servers: readonly Server[]): string {
  return createHash('sha256').update(servers.map(digestLine).sort().join('\n')).digest('hex');
}
