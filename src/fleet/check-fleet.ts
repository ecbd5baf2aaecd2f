import * as v from 'valibot';
import { nearestOf } from '../conventions/index.js';
import { isRecord } from '../conventions/merge.js';
import type { Fleet, FleetCluster } from './fleet.js';
import { fleetSchema, gatewayKeys, isName, knownKeys } from './schema.js';
import type { Checked, DocumentFinding, KeyPath } from './placed-yaml.js';

/** Checks the whole document; the fleet, or every finding. */
export function checkFleet(input: unknown): Checked<Fleet> {
  const parsed = v.safeParse(fleetSchema, input, { abortPipeEarly: true });
  const places = placesOf('fleet', input);
  const lists = places.filter(({ kind, value }) => kind !== 'gateways' && Array.isArray(value));
  const issues = (parsed.issues ?? []).map(issueFinding);
  const findings = [
    ...lists.map(({ path }): DocumentFinding => ({ path, at: 'value', message: `${dotted(path)} must be a map` })),
    // The schema library takes a list for a map: what it says of its items is no help.
    ...issues.filter(({ path }) => !lists.some((list) => list.path.every((step, index) => step === path[index]))),
    ...places.flatMap(unknownKeys),
    ...places.flatMap(nameFinding),
    ...clusterFindings(places),
    ...gatewayFindings(places, Object.keys(recordOf(recordOf(input)['idcs']))),
  ];
  if (!parsed.success || findings.length > 0) return { findings };
  const { idcs, environments } = parsed.output;
  const clusters = Object.entries(idcs).flatMap(([idc, { clusters: inIdc }]) =>
    Object.entries(inIdc).map(([name, cluster]): FleetCluster => ({ name, idc, ...cluster })),
  );
  const gateways = Object.fromEntries(
    Object.entries(environments).map(([environment, { gateways: instances }]) => [environment, instances]),
  );
  return { value: { clusters, gateways } };
}

/** `idcs.bc.clusters`, for the beginning of a message. */
export const dotted = (path: KeyPath): string => path.join('.') || 'the fleet';

type Kind = 'fleet' | 'idcs' | 'idc' | 'clusters' | 'cluster' | 'environments' | 'environment' | 'gateways' | 'gateway';

/** What is inside of what: by key, or whatever the key. */
const inside: Readonly<Record<Kind, Kind | Readonly<Record<string, Kind>>>> = {
  fleet: { idcs: 'idcs', environments: 'environments' },
  idcs: 'idc',
  idc: { clusters: 'clusters' },
  clusters: 'cluster',
  cluster: {},
  environments: 'environment',
  environment: { gateways: 'gateways' },
  gateways: 'gateway',
  gateway: {},
};

/** A map or list of the document, whatever else is wrong with it. */
interface Place {
  readonly kind: Kind;
  readonly path: KeyPath;
  readonly value: unknown;
}

function placesOf(kind: Kind, value: unknown, path: KeyPath = []): Place[] {
  const here = { kind, path, value };
  const listed = kind === 'gateways' && Array.isArray(value) ? [...value.entries()] : undefined;
  const entries: readonly (readonly [string | number, unknown])[] = listed ?? Object.entries(recordOf(value));
  return [
    here,
    ...entries.flatMap(([key, inner]) => {
      const kinds = inside[kind];
      const child = typeof kinds === 'string' ? kinds : Object.hasOwn(kinds, key) ? kinds[key] : undefined;
      return child === undefined ? [] : placesOf(child, inner, [...path, key]);
    }),
  ];
}

function unknownKeys({ kind, path, value }: Place): DocumentFinding[] {
  const known = kind === 'gateway' ? keysOfGateway(value) : hasKnownKeys(kind) ? knownKeys[kind] : undefined;
  if (known === undefined) return [];
  return Object.keys(recordOf(value))
    .filter((key) => !known.includes(key))
    .map((key) => {
      const near = nearestOf(key, known);
      const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
      return { path: [...path, key], at: 'key', message: `unknown key "${key}"; ${hint}` };
    });
}

/** Undefined for a kind that nobody knows: that is said of the kind. */
function keysOfGateway(value: unknown): readonly string[] | undefined {
  const { kind = 'yz7' } = recordOf(value);
  return typeof kind === 'string' && Object.hasOwn(gatewayKeys, kind) ? gatewayKeys[kind] : undefined;
}

function issueFinding(issue: v.BaseIssue<unknown>): DocumentFinding {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  if (issue.type !== 'object') return { path, at: 'value', message: `${dotted(path)} ${issue.message}` };
  if (issue.received !== 'undefined') return { path, at: 'value', message: `${dotted(path)} must be a map` };
  return { path: path.slice(0, -1), at: 'key', message: `${dotted(path)} is missing` };
}

/** IDCs, clusters and environments are named by their keys. */
function nameFinding({ kind, path }: Place): DocumentFinding[] {
  const name = path.at(-1);
  if (!isNamedByKey(kind) || typeof name !== 'string' || isName(name)) return [];
  const allowed =
    'a DNS label: lower-case letters, digits and "-", first a letter, at most 63, and not a word of JavaScript';
  return [{ path, at: 'key', message: `"${name}" is no name for ${articleOf[kind]}; allowed is ${allowed}` }];
}

const articleOf = { idc: 'an IDC', cluster: 'a cluster', environment: 'an environment' } as const;
const isNamedByKey = (kind: Kind): kind is keyof typeof articleOf => Object.hasOwn(articleOf, kind);
const hasKnownKeys = (kind: Kind): kind is keyof typeof knownKeys => Object.hasOwn(knownKeys, kind);

function clusterFindings(places: readonly Place[]): DocumentFinding[] {
  const seen = new Map<string | number | undefined, string | number | undefined>();
  return places
    .filter(({ kind }) => kind === 'cluster')
    .flatMap(({ path }) => {
      const [, idc, , name] = path;
      const other = seen.get(name);
      seen.set(name, other ?? idc);
      if (other === undefined) return [];
      return [
        { path, at: 'key', message: `cluster ${name ?? ''} is also in IDC ${other}; names are unique in a fleet` },
      ];
    });
}

function gatewayFindings(places: readonly Place[], idcs: readonly string[]): DocumentFinding[] {
  const seen = new Set<string>();
  return places
    .filter(({ kind }) => kind === 'gateway')
    .flatMap(({ path, value }) => {
      if (!isRecord(value)) return [];
      const { kind = 'yz7', name, idc, tokenEnv, tokenFile } = value;
      const findings: DocumentFinding[] = [];
      if (typeof idc === 'string' && idc !== '' && !idcs.includes(idc)) {
        const message = `IDC ${idc} is not in the fleet; it has ${idcs.join(', ') || 'none'}`;
        findings.push({ path: [...path, 'idc'], at: 'value', message });
      }
      if (typeof name === 'string') {
        const key = `${path[1] ?? ''}/${name}`;
        if (seen.has(key))
          findings.push({ path: [...path, 'name'], at: 'value', message: `gateway ${name} is there twice` });
        seen.add(key);
      }
      if (kind === 'yz7' && (tokenEnv === undefined) === (tokenFile === undefined)) {
        findings.push({ path, at: 'value', message: `${dotted(path)} needs tokenEnv or tokenFile, one of them` });
      }
      return findings;
    });
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
