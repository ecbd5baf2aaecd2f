import type { Force, Route, RouteTarget, UpstreamSettings } from './entry.js';
import { badJson, notImplemented, Problem } from './problem.js';

const upstreamName = /^[A-Za-z0-9](?:[-A-Za-z0-9._]{0,251}[A-Za-z0-9])?$/;
const sourceName = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;
const chainName = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const routeId = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,251}[A-Za-z0-9])?$/;

export type JsonObject = Readonly<Record<string, unknown>>;

function invalid(message: string): Problem {
  return new Problem(422, 'INVALID_RESOURCE', message);
}

/** A body that must be an object with no other fields than these. */
export function checkObject(value: unknown, what: string, fields: readonly string[]): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badJson(`${what} must be a JSON object`);
  const unknown = Object.keys(value).filter((key) => !fields.includes(key));
  if (unknown.length > 0) {
    throw badJson(`${what} has the unknown fields ${unknown.join(', ')}; it may have ${fields.join(', ')}`);
  }
  return value as JsonObject;
}

function checkName(name: string, pattern: RegExp, what: string): string {
  if (pattern.test(name)) return name;
  throw invalid(`${JSON.stringify(name)} is not a name of ${what}; it must match ${pattern.source}`);
}

export const checkUpstreamName = (name: string): string => checkName(name, upstreamName, 'an upstream');
export const checkSourceName = (name: string): string => checkName(name, sourceName, 'a source');
export const checkChainName = (name: string): string => checkName(name, chainName, 'a service chain');
export const checkRouteId = (id: string): string => checkName(id, routeId, 'a route');

export function checkText(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw badJson(`${what} must be a text that is not empty`);
}

export function checkForce(value: unknown): Force | undefined {
  if (value === undefined) return undefined;
  const { reason, actor } = checkObject(value, 'force', ['reason', 'actor']);
  return { reason: checkText(reason, 'force.reason'), actor: checkText(actor, 'force.actor') };
}

export function checkSettings(value: unknown): UpstreamSettings {
  const {
    lb = 'round_robin',
    health,
    slowStartMs = 0,
  } = checkObject(value, 'an upstream', ['lb', 'health', 'slowStartMs']);
  if (lb === 'ewma' || lb === 'chash') throw notImplemented(`lb ${lb}`);
  if (lb !== 'round_robin') throw invalid(`lb is ${JSON.stringify(lb)}; it must be round_robin, ewma or chash`);
  if (health !== undefined) throw notImplemented('health checks');
  if (typeof slowStartMs !== 'number' || !Number.isInteger(slowStartMs) || slowStartMs < 0) {
    throw invalid(`slowStartMs is ${JSON.stringify(slowStartMs)}; it must be a whole number of milliseconds`);
  }
  return { lb, slowStartMs };
}

export function checkChain(value: unknown): readonly string[] {
  const { upstreams } = checkObject(value, 'a chain', ['upstreams']);
  if (!Array.isArray(upstreams)) throw badJson('upstreams must be an array of names');
  return [...new Set(upstreams.map((name: unknown) => checkUpstreamName(checkText(name, 'an upstream'))))];
}

function checkTarget(value: unknown, index: number): RouteTarget {
  const what = `targets[${index}]`;
  const { upstream, selector = {}, weight = 100 } = checkObject(value, what, ['upstream', 'selector', 'weight']);
  const { color, sc } = checkObject(selector, `${what}.selector`, ['color', 'sc']);
  if (typeof weight !== 'number' || !Number.isInteger(weight) || weight < 0 || weight > 1000) {
    throw invalid(`${what}.weight is ${JSON.stringify(weight)}; it must be 0 to 1000`);
  }
  return {
    upstream: checkUpstreamName(checkText(upstream, `${what}.upstream`)),
    selector: {
      ...(color !== undefined && { color: checkText(color, `${what}.selector.color`) }),
      ...(sc !== undefined && { sc: checkText(sc, `${what}.selector.sc`) }),
    },
    weight,
  };
}

export function checkRoute(value: unknown): Route {
  const { hosts, match = {}, targets } = checkObject(value, 'a route', ['hosts', 'match', 'targets']);
  const { path = '/', headers } = checkObject(match, 'match', ['path', 'headers']);
  if (headers !== undefined && !(Array.isArray(headers) && headers.length === 0)) {
    throw notImplemented('header rules in routes');
  }
  if (!Array.isArray(hosts) || hosts.length === 0) throw invalid('hosts must name at least one host');
  if (!Array.isArray(targets) || targets.length === 0) throw invalid('targets must have at least one target');
  const prefix = checkText(path, 'match.path');
  if (!prefix.startsWith('/')) throw invalid(`match.path is ${JSON.stringify(prefix)}; it must begin with /`);
  return {
    hosts: hosts.map((host: unknown) => checkText(host, 'a host').toLowerCase()),
    match: { path: prefix },
    targets: targets.map(checkTarget),
  };
}
