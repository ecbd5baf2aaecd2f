// What HAProxy can't hold is refused before anything is sent; so nothing that comes from outside becomes a command.
import { isIP } from 'node:net';
import type { Server } from '../../members/server.js';
import { GatewayError } from '../error.js';
import type { SourceWrite } from '../gateway.js';
import { encodeIdentity, serverName } from './words.js';

const upstreamPattern = /^[A-Za-z0-9_.:-]{1,200}$/;
const sourcePattern = /^[A-Za-z0-9.:-]{1,200}$/;
const greatestWeight = 256;
const greatestGeneration = (1n << 64n) - 1n;
/** A command must fit into one of HAProxy's buffers (`tune.bufsize`, 16,384 bytes by default). */
const longestIdentity = 12_000;

function bad(name: string, code: 'BAD_JSON' | 'INVALID_SERVER', message: string, details?: unknown): GatewayError {
  return new GatewayError(code, `${name}: ${message}`, { path: name, ...(details !== undefined && { details }) });
}

/** A backend's name. */
export function checkUpstream(name: string, upstream: string): void {
  if (upstreamPattern.test(upstream)) return;
  throw bad(
    name,
    'BAD_JSON',
    `upstream ${JSON.stringify(upstream)} can't be a backend's name: letters, digits, _ . : -`,
  );
}

export function checkSource(name: string, source: string): void {
  if (sourcePattern.test(source)) return;
  throw bad(name, 'BAD_JSON', `source ${JSON.stringify(source)} has something beside letters, digits, . : -`);
}

export function checkGenerationText(name: string, generation: string): void {
  if (/^(0|[1-9]\d{0,19})$/.test(generation) && BigInt(generation) <= greatestGeneration) return;
  throw bad(name, 'BAD_JSON', `generation ${JSON.stringify(generation)} is not an unsigned 64-bit number`);
}

/** Throws `INVALID_SERVER` with every finding and its index. */
export function checkWrite(name: string, { upstream, source, generation, servers }: SourceWrite): void {
  checkUpstream(name, upstream);
  checkSource(name, source);
  checkGenerationText(name, generation);
  const seen = new Map<string, number>();
  const findings = servers.flatMap((server, index) => {
    const own = serverFindings(server);
    const key = serverName(source, server);
    const first = seen.get(key);
    if (first !== undefined) own.push(`stands at index ${first} already`);
    else seen.set(key, index);
    return own.map((message) => ({ index, message }));
  });
  if (findings.length === 0) return;
  const shown = findings.slice(0, 5).map(({ index, message }) => `servers[${index}] ${message}`);
  throw bad(name, 'INVALID_SERVER', `${findings.length} findings: ${shown.join('; ')}`, { servers: findings });
}

function serverFindings(server: Server): string[] {
  const { ip, port, weight } = server;
  const findings: string[] = [];
  if (isIP(ip) === 0 || ip.includes('%')) findings.push(`has ip ${JSON.stringify(ip)}, which is no address`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) findings.push(`has port ${port}, not 1 to 65535`);
  if (!Number.isInteger(weight) || weight < 0 || weight > greatestWeight) {
    findings.push(`has weight ${weight}; HAProxy takes 0 to ${greatestWeight}`);
  }
  if (encodeIdentity(server).length > longestIdentity) findings.push('has labels longer than a command of HAProxy');
  return findings;
}
