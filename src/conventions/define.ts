import * as v from 'valibot';
import type { Conventions } from './conventions.js';
import { conventionsOfKind, type AppKind } from './app-kind.js';
import { findingsError, type Finding } from './finding.js';
import type { ImageCatalogue, RuntimeImage, StackImage } from './image-catalogue.js';
import { labelKeys } from './labels.js';
import { isRecord, mergeParts, type PartOf } from './merge.js';
import { isDnsLabel, isDnsSubdomain, isLabelKey, isLabelValue } from './name.js';
import { nearestOf } from './nearest.js';
import type { PortRole } from './port.js';
import { quantityValue } from './quantity.js';
import type { ResourceClass } from './resource-class.js';
import { conventionsSchema } from './schema.js';
import { youzanConventions } from './youzan.js';

/** What a company has otherwise than Youzan. */
export interface ConventionsParts extends PartOf<
  Omit<Conventions, 'kinds' | 'environments' | 'reservedPorts' | 'resourceClasses' | 'images'>
> {
  /** Prefix of the company's own label keys, for example `example.com`. Default: `youzan.com`. */
  readonly labelPrefix?: string;
  /** Kinds to add, or parts of known kinds to change; a new kind has all parts but the optional ones. */
  readonly kinds?: Readonly<Record<string, Partial<AppKind>>>;
  readonly environments?: Readonly<Record<string, Conventions['environments'][string]>>;
  readonly reservedPorts?: Readonly<Record<string, number>>;
  /** Stacks and runtimes to add, or parts of known ones to change, such as their digests; registry, user and folder. */
  readonly images?: {
    readonly registry?: string;
    readonly stacks?: Readonly<Record<string, PartOf<StackImage>>>;
    readonly runtimes?: Readonly<Record<string, PartOf<RuntimeImage>>>;
    readonly user?: PartOf<ImageCatalogue['user']>;
    readonly appsFolder?: string;
  };
  /** Classes to add, or parts of known classes to change; a new class has both parts. */
  readonly resourceClasses?: Readonly<Record<string, PartOf<ResourceClass>>>;
}

/**
 * Youzan's conventions with parts of a company's own in their place: objects are merged key by key, lists and values are
 * replaced.
 *
 * @throws YouzanKubeError `CONVENTIONS_INVALID` with every finding.
 *
 * @example
 * const ours = defineConventions({ labelPrefix: 'example.com', ports: { http: 8080 } });
 */
export function defineConventions(parts: ConventionsParts): Conventions {
  const { labelPrefix, ...rest } = parts;
  const findings: Finding[] = [];
  if (labelPrefix !== undefined && !isOwnPrefix(labelPrefix)) {
    const allowed = 'a DNS name of the company, at most 253 characters, outside kubernetes.io and k8s.io';
    findings.push({ path: 'labelPrefix', message: `"${labelPrefix}" is no prefix of label keys; allowed: ${allowed}` });
  }
  const labels = labelPrefix === undefined ? youzanConventions.labels : labelKeys(labelPrefix);
  const merged = mergeParts({ ...youzanConventions, labels }, rest);
  findings.push(...unknownKeys(youzanConventions, rest, ''));
  const result = v.safeParse(conventionsSchema, merged);
  findings.push(...(result.issues ?? []).map(findingOf));
  if (result.typed) findings.push(...crossFindings(result.output, labelPrefix === undefined || findings.length === 0));
  if (!result.success || findings.length > 0) throw invalid(findings);
  return result.output;
}

function invalid(findings: readonly Finding[]): Error {
  return findingsError('CONVENTIONS_INVALID', 'the conventions are not valid', findings);
}

function findingOf(issue: v.BaseIssue<unknown>): Finding {
  const path = (issue.path ?? []).map(({ key }) => String(key)).join('.');
  return { path, message: issue.type === 'object' && issue.received === 'undefined' ? 'is missing' : issue.message };
}

/** Parts whose keys are the company's own, with what may stand under each of them. */
const openParts: Readonly<Record<string, unknown>> = {
  kinds: {
    ...youzanConventions.kinds['java'],
    command: { shell: '' },
    switch: 'http',
    hooks: youzanConventions.hooks,
    env: undefined,
  },
  environments: Object.values(youzanConventions.environments)[0],
  reservedPorts: undefined,
  resourceClasses: Object.values(youzanConventions.resourceClasses)[0],
  'images.stacks': {
    base: { reference: '', digest: '' },
    packageManager: 'apt',
    packages: [],
    tools: [],
    digest: '',
  } satisfies StackImage,
  'images.runtimes': { packages: undefined, programs: [], digests: undefined },
};

/** Keys that Youzan's conventions have not, in parts whose keys are fixed. */
function unknownKeys(known: unknown, part: unknown, path: string): Finding[] {
  if (!isRecord(known) || !isRecord(part)) return [];
  const isOpen = Object.hasOwn(openParts, path);
  return Object.entries(part).flatMap(([key, value]) => {
    const where = path === '' ? key : `${path}.${key}`;
    if (isOpen) return unknownKeys(openParts[path], value, where);
    if (Object.hasOwn(known, key)) return unknownKeys(known[key], value, where);
    const near = nearestOf(key, Object.keys(known));
    return [{ path: where, message: near === undefined ? 'unknown key' : `unknown key; did you mean "${near}"?` }];
  });
}

function isOwnPrefix(prefix: string): boolean {
  return isDnsSubdomain(prefix) && !/(^|\.)(kubernetes|k8s)\.io$/.test(prefix);
}

/** What no single part shows: two of the same, and references to nothing. */
function crossFindings(conventions: Conventions, checkLabels: boolean): Finding[] {
  return [
    ...(checkLabels ? labelFindings(conventions) : []),
    ...portFindings(conventions),
    ...kindFindings(conventions),
    ...duplicates('variables', Object.entries(conventions.variables)),
    ...classFindings(conventions),
    ...runtimeFindings(conventions),
    ...Object.keys(conventions.environments)
      .filter((name) => !isDnsLabel(name))
      .map((name) => ({ path: `environments.${name}`, message: 'is no DNS label' })),
  ];
}

function labelFindings({ labels, managedBy }: Conventions): Finding[] {
  const entries: readonly (readonly [string, string])[] = Object.entries({ ...labels });
  const keys = entries
    .filter(([, key]) => !isLabelKey(key))
    .map(([name, key]) => ({ path: `labels.${name}`, message: `"${key}" is no label key` }));
  const value = isLabelValue(managedBy) ? [] : [{ path: 'managedBy', message: `"${managedBy}" is no label value` }];
  return [...keys, ...duplicates('labels', entries), ...value];
}

function portFindings({ ports, reservedPorts }: Conventions): Finding[] {
  const named = Object.entries(ports).map(([role, port]) => [`ports.${role}`, port] as const);
  const reserved = Object.entries(reservedPorts).map(([agent, port]) => [`reservedPorts.${agent}`, port] as const);
  return duplicates(undefined, [...named, ...reserved]);
}

function classFindings({ resourceClasses }: Conventions): Finding[] {
  return Object.entries(resourceClasses).flatMap(([name, { requests, limits }]) =>
    (['cpu', 'memory'] as const)
      .filter((unit) => (quantityValue(limits[unit] ?? '') ?? Infinity) < (quantityValue(requests[unit]) ?? 0))
      .map((unit) => ({
        path: `resourceClasses.${name}.limits.${unit}`,
        message: `${limits[unit] ?? ''} is less than the request, ${requests[unit]}`,
      })),
  );
}

function runtimeFindings({ images: { stacks, runtimes } }: Conventions): Finding[] {
  return Object.entries(runtimes).flatMap(([name, { packages, digests = {} }]) =>
    Object.entries({ packages, digests }).flatMap(([part, byStack]) =>
      Object.keys(byStack)
        .filter((stack) => !Object.hasOwn(part === 'packages' ? stacks : packages, stack))
        .map((stack) => ({
          path: `images.runtimes.${name}.${part}.${stack}`,
          message: part === 'packages' ? 'is no stack' : 'is no stack that the runtime has packages for',
        })),
    ),
  );
}

function kindFindings(conventions: Conventions): Finding[] {
  const { kinds, publishedRoles, variables } = conventions;
  const families = Object.entries(kinds).flatMap(([name, kind]) =>
    kind.runtimes.map((runtime, index) => [`${name}.runtimes.${index}`, runtime] as const),
  );
  const names = Object.keys(kinds).filter((name) => !isDnsLabel(name));
  const lacking = Object.entries(kinds).flatMap(([name, kind]) =>
    calledRoles(name, kind, conventions)
      .filter((role) => !kind.roles.includes(role))
      .map((role) => ({ path: `kinds.${name}.roles`, message: `lacks ${role}, which the hooks call` })),
  );
  const taken: readonly string[] = Object.values(variables);
  const set = Object.entries(kinds).flatMap(([name, { env = {} }]) =>
    Object.keys(env)
      .filter((key) => taken.includes(key))
      .map((key) => ({ path: `kinds.${name}.env.${key}`, message: 'is set by the conventions in every container' })),
  );
  return [
    ...names.map((name) => ({ path: `kinds.${name}`, message: 'is no DNS label' })),
    ...duplicates('kinds', families),
    ...lacking,
    ...set,
    ...duplicates(
      undefined,
      publishedRoles.map((role, index) => [`publishedRoles.${index}`, role] as const),
    ),
  ];
}

/** The roles that a kind's hooks call, each once. */
function calledRoles(name: string, kind: AppKind, conventions: Conventions): PortRole[] {
  const { hooks } = conventionsOfKind(name, conventions);
  const called = kind.switch === 'none' ? [hooks.health.role] : [hooks.switch.role, hooks.health.role];
  return [...new Set(called)];
}

function duplicates(parent: string | undefined, entries: readonly (readonly [string, string | number])[]): Finding[] {
  const first = new Map<string | number, string>();
  const findings: Finding[] = [];
  for (const [name, value] of entries) {
    const path = parent === undefined ? name : `${parent}.${name}`;
    const other = first.get(value);
    if (other === undefined) first.set(value, path);
    else findings.push({ path, message: `${value} is already ${other}` });
  }
  return findings;
}
