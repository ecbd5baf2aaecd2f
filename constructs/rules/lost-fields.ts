import { type Finding, findingsError } from '../../src/conventions/index.js';
import { pathOf, start, type Trail } from './json-path.js';

/**
 * What stands in an input and not in what was made of it, each with its path: the serializers of cdk8s-plus-28 leave out,
 * without a word, fields that they do not know, misspelt ones, and numbers and texts where they want an `IntOrString` or a
 * `Quantity`. What is undefined or null in the input is no field.
 *
 * @param input typed for cdk8s, or plain JSON.
 * @param output plain JSON.
 * @param path of both, for the findings.
 */
export function lostFields(input: unknown, output: unknown, path = ''): Finding[] {
  return lostPlaces(input, output).map(({ trail, message }) => ({ path: pathOf(trail, path), message }));
}

/** A field that is lost, by the way to it. */
interface Lost {
  readonly trail: Trail;
  readonly message: string;
}

/** As `lostFields`, with places that have no text yet. */
export function lostPlaces(input: unknown, output: unknown, trail: Trail = start): Lost[] {
  const value = plainOf(input);
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) {
    if (!Array.isArray(output)) return [lost(value, output, trail)];
    const made: readonly unknown[] = output;
    return value.flatMap((item, index) => lostPlaces(item, made[index], { parent: trail, key: index }));
  }
  if (isRecord(value)) {
    const made = plainOf(output);
    if (!isRecord(made)) return Object.is(scalarOf(value), made) ? [] : [lost(value, made, trail)];
    return Object.entries(value).flatMap(([key, inner]) =>
      lostPlaces(inner, fieldOf(made, key), { parent: trail, key }),
    );
  }
  return Object.is(value, plainOf(output)) ? [] : [lost(value, output, trail)];
}

/**
 * Holds what was made of an input to it.
 *
 * @throws YouzanKubeError `FIELD_LOST` with every field of the input that is not in the output.
 *
 * @example
 * const probe = { httpGet: { path: '/health', port: k8s.IntOrString.fromString('http') } };
 * assertNoFieldLost(probe, k8s.toJson_Probe(probe), 'readinessProbe');
 */
export function assertNoFieldLost(input: unknown, output: unknown, path = ''): void {
  const findings = lostFields(input, output, path);
  if (findings.length === 0) return;
  throw findingsError(
    'FIELD_LOST',
    `${path === '' ? 'the manifest' : path} lacks what was given`,
    findings,
    'look at the spelling; give k8s.IntOrString and k8s.Quantity where the types want them, and a field that cdk8s-plus-28 does not know as one of the newer fields, or in a raw ApiObject',
  );
}

function lost(value: unknown, output: unknown, trail: Trail): Lost {
  const instead = output === undefined || output === null ? 'is lost' : `has become ${textOf(output)}`;
  return { trail, message: `${textOf(value)} ${instead}` };
}

const textOf = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};

/** Some fields of the types have another case than in the manifest: `clusterIp`. */
function fieldOf(made: Readonly<Record<string, unknown>>, key: string): unknown {
  if (Object.hasOwn(made, key)) return made[key];
  const folded = key.toLowerCase();
  const other = Object.keys(made).find((name) => name.toLowerCase() === folded);
  return other === undefined ? undefined : made[other];
}

/** `IntOrString`, `Quantity` and dates as they stand in JSON. */
function plainOf(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.getPrototypeOf(value) === Object.prototype ? value : scalarOf(value);
}

/** What a union of numbers and texts holds: also one that cdk8s has already resolved to `{ value }`. */
function scalarOf(value: object): unknown {
  return 'value' in value && (typeof value.value === 'string' || typeof value.value === 'number') ? value.value : value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
