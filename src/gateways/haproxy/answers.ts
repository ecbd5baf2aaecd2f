// Reads the runtime socket's answers. What does not fit gives undefined or is left out; the client says what it asked.
import type { ServerState } from '../../members/server.js';

export interface ProcessInfo {
  readonly pid: number;
  /** Of this process: a reload or restart makes another. */
  readonly storeId: string;
  /** A reload has replaced it: it only finishes what it has begun. */
  readonly isStopping: boolean;
}

/** A server as HAProxy has it. */
export interface LiveServer {
  readonly backend: string;
  readonly name: string;
  readonly ip: string;
  readonly port: number;
  readonly weight: number;
  readonly state: ServerState;
}

/** Forced, inherited, by an unresolved name, by an unresolved name at start. */
const maintenanceBits = 0x01 | 0x02 | 0x20 | 0x40;
/** Forced, inherited. */
const drainBits = 0x08 | 0x10;

/** Of `show info`. */
export function readInfo(answer: string): ProcessInfo | undefined {
  const fields = new Map(
    answer.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
  );
  const pid = Number(fields.get('Pid'));
  const start = fields.get('Start_time_sec');
  if (!Number.isSafeInteger(pid) || pid <= 0 || start === undefined || !/^\d+$/.test(start)) return undefined;
  const node = fields.get('node') ?? '';
  return { pid, storeId: `haproxy-${node}-${pid}-${start}`, isStopping: fields.get('Stopping') === '1' };
}

/** Of `show servers state`, by the names of its columns; undefined when it has not those that are needed. */
export function readServers(answer: string): readonly LiveServer[] | undefined {
  const lines = answer.split('\n').filter((line) => line !== '');
  const head = lines.find((line) => line.startsWith('# '));
  if (head === undefined) return undefined;
  const columns = head.slice(2).split(' ');
  const wanted = ['be_name', 'srv_name', 'srv_addr', 'srv_port', 'srv_uweight', 'srv_admin_state'];
  const at = wanted.map((column) => columns.indexOf(column));
  if (at.includes(-1)) return undefined;
  return lines.slice(lines.indexOf(head) + 1).map((line) => {
    const cells = line.split(' ');
    const [backend = '', name = '', ip = '', port, weight, admin] = at.map((column) => cells[column] ?? '');
    return { backend, name, ip, port: Number(port), weight: Number(weight), state: stateOf(Number(admin)) };
  });
}

function stateOf(admin: number): ServerState {
  if ((admin & maintenanceBits) !== 0) return 'down';
  return (admin & drainBits) !== 0 ? 'drain' : 'up';
}

/** Of `get map`: the value, null for a key that is not there, undefined for what is no answer. */
export function readMapValue(answer: string): string | null | undefined {
  if (/\bfound=no\b/.test(answer)) return null;
  return /\bfound=yes\b.*\bvalue="([^"]*)"/.exec(answer)?.[1];
}

/** Of `show map <map>`; of a key that stands twice the first value counts, as for a request. */
export function readMap(answer: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const line of answer.split('\n')) {
    const [, key, value] = line.split(' ');
    if (key !== undefined && value !== undefined && !entries.has(key)) entries.set(key, value);
  }
  return entries;
}

/** Of `show map`: the highest version that was given out for this map, which is the store's revision. */
export function readRevision(answer: string, map: string): number | undefined {
  const line = answer.split('\n').find((each) => each.includes(`(${map})`));
  const digits = /\bnext_ver=(\d+)/.exec(line ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Of `prepare map`. */
export function readVersion(answer: string): number | undefined {
  const digits = /^New version created: (\d+)$/.exec(answer)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Of `show sess`: `backend/server` of each stream, also of one that waits to connect again and has no connection. */
export function readStreamServers(answer: string): ReadonlySet<string> {
  const streams = answer.matchAll(/ be=(\S+) srv=(\S+) /g);
  return new Set([...streams].map(([, backend = '', server = '']) => `${backend}/${server}`));
}
