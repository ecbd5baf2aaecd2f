import { isIP } from 'node:net';
import { serverKey, type Server, type ServerState } from '../../members/server.js';
import { badJson, Problem, shown } from './problem.js';

const labelValue = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const labelKey = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const uidPattern = /^[A-Za-z0-9._:-]{0,128}$/;
const states: readonly ServerState[] = ['up', 'drain', 'down'];
const fields = new Set(['ip', 'port', 'weight', 'state', 'uid', 'zone', 'labels']);

interface Finding {
  readonly index: number;
  readonly message: string;
}

/** IPv6 as RFC 5952 writes it; the URL parser of the platform does the same shortening. */
function isCanonicalIp(ip: string): boolean {
  if (isIP(ip) === 4) return true;
  if (isIP(ip) !== 6 || ip.includes('%') || ip.startsWith('::ffff:')) return false;
  return new URL(`http://[${ip}]/`).hostname === `[${ip}]`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isState(value: unknown): value is ServerState {
  return states.some((state) => state === value);
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

function checkLabels(value: unknown, say: (message: string) => void): Record<string, string> {
  if (!isRecord(value)) {
    say('labels must be an object of strings');
    return {};
  }
  const labels: Record<string, string> = {};
  for (const [key, text] of Object.entries(value)) {
    if (!labelKey.test(key)) say(`label key ${JSON.stringify(key)} is not a Kubernetes label key`);
    else if (typeof text !== 'string' || !labelValue.test(text))
      say(`label ${key} is ${JSON.stringify(text)}, not a Kubernetes label value`);
    else labels[key] = text;
  }
  return labels;
}

function checkServer(value: unknown, say: (message: string) => void): Server {
  const input = isRecord(value) ? value : {};
  if (!isRecord(value)) say('must be an object');
  for (const field of Object.keys(input)) if (!fields.has(field)) say(`unknown field ${JSON.stringify(field)}`);
  const { ip, port, weight = 100, state = 'up', uid = '', zone = '', labels = {} } = input;
  const isIpText = typeof ip === 'string' && isCanonicalIp(ip);
  if (!isIpText) say(`ip is ${shown(ip)}, not an address as RFC 5952 writes it`);
  if (!isWhole(port, 1, 65535)) say(`port is ${shown(port)}, not 1 to 65535`);
  if (!isWhole(weight, 0, 1000)) say(`weight is ${JSON.stringify(weight)}, not 0 to 1000`);
  if (!isState(state)) say(`state is ${JSON.stringify(state)}, not one of ${states.join(', ')}`);
  if (typeof uid !== 'string' || !uidPattern.test(uid)) say(`uid is ${JSON.stringify(uid)}, not a UID`);
  if (typeof zone !== 'string' || !labelValue.test(zone))
    say(`zone is ${JSON.stringify(zone)}, not a Kubernetes label value`);
  return {
    ip: isIpText ? ip : '',
    port: isWhole(port, 1, 65535) ? port : 0,
    weight: isWhole(weight, 0, 1000) ? weight : 0,
    state: isState(state) ? state : 'down',
    uid: typeof uid === 'string' ? uid : '',
    zone: typeof zone === 'string' ? zone : '',
    labels: checkLabels(labels, say),
  };
}

/** Reads the servers of a source write; throws 422 `INVALID_SERVER` with every finding and its index. */
export function checkServers(value: unknown): readonly Server[] {
  if (!Array.isArray(value)) throw badJson('servers must be an array');
  const findings: Finding[] = [];
  const seen = new Map<string, number>();
  const servers = value.map((item: unknown, index) => {
    const before = findings.length;
    const server = checkServer(item, (message) => findings.push({ index, message }));
    if (findings.length > before) return server;
    const key = serverKey(server);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    else findings.push({ index, message: `${key} stands at index ${first} already` });
    return server;
  });
  if (findings.length > 0) {
    const shown = findings.slice(0, 5).map(({ index, message }) => `servers[${index}]: ${message}`);
    throw new Problem(422, 'INVALID_SERVER', `${findings.length} findings: ${shown.join('; ')}`, {
      details: { servers: findings },
    });
  }
  return servers;
}
