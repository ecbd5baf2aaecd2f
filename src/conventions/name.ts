import { createHash } from 'node:crypto';
import type { WorkloadIdentity } from './topology.js';

/** Longest name of a Service, a container port's Service, a label's value: a DNS label. */
export const maxNameLength = 63;

/** True for a DNS label that starts with a letter, which every kind of object takes as its name. */
export function isDnsLabel(name: string): boolean {
  return name.length <= maxNameLength && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name);
}

/** True for a label's value: empty, or at most 63 letters, digits, `-`, `_`, `.`, the first and last alphanumeric. */
export function isLabelValue(value: string): boolean {
  return value.length <= maxNameLength && /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/.test(value);
}

/** True for a label's key: an optional DNS subdomain and `/`, then a name of at most 63 characters. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  return name !== '' && isLabelValue(name) && (slash < 0 || isDnsSubdomain(key.slice(0, slash)));
}

/** True for lower-case DNS labels joined by dots, at most 253 characters. */
export function isDnsSubdomain(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
}

/**
 * A name of at most `max` characters: as it is when it fits, else its beginning and eight hexadecimal digits of its
 * sha256. The same name always gives the same result; two long names differ in the digits.
 */
export function shortenName(name: string, max: number = maxNameLength): string {
  if (name.length <= max) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, max - 9).replace(/[-.]+$/, '')}-${digest}`;
}

/**
 * The name of a workload's Deployment and Service: `{app}` for color stable, else `{app}-{color}`, then `-{sc}`;
 * shortened with a stable hash when over 63 characters.
 *
 * @example
 * resourceName({ app: 'trade-core', color: 'gray' }); // 'trade-core-gray'
 */
export function resourceName({ app, color = 'stable', sc }: WorkloadIdentity): string {
  const parts = [app, ...(color === 'stable' ? [] : [color]), ...(sc === undefined || sc === '' ? [] : [sc])];
  return shortenName(parts.join('-'));
}
