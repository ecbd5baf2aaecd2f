import { colors, quantityValue, type Conventions, type PortTable } from '../conventions/index.js';
import type { AppSpec, HelperSpec } from './app-spec.js';
import type { KeyPath } from './document.js';
import { hookFindings } from './hook-checks.js';

/** A finding whose place is still a path of keys. */
export interface DraftFinding {
  readonly path: KeyPath;
  readonly message: string;
  /** Default: `value`. */
  readonly at?: 'key' | 'value';
}

/** What of an app.yaml could be read. */
export interface AppDraft extends Omit<AppSpec, 'name' | 'kind' | 'stack' | 'runtime' | 'entrypoint'> {
  readonly name: string | undefined;
  readonly kind: string | undefined;
}

/** What no single value shows: references to nothing, two of the same, what conventions forbid. */
export function crossFindings(draft: AppDraft, conventions: Conventions): DraftFinding[] {
  return [
    ...nameFindings(draft.name),
    ...kindFindings(draft.kind, conventions),
    ...portFindings(draft.ports, conventions),
    ...helperFindings(draft.helpers, draft.after),
    ...envFindings(draft.env, conventions),
    ...hookFindings(draft),
    ...resourceFindings(draft.resources),
    ...probeFindings(draft),
  ];
}

function nameFindings(name: string | undefined): DraftFinding[] {
  const others = [...colors.filter((color) => color !== 'stable'), 'debug'];
  const other = others.find((one) => name?.endsWith(`-${one}`) === true);
  if (other === undefined) return [];
  return [
    { path: ['name'], message: `"${name ?? ''}" ends with "-${other}", as the ${other} workload of another app does` },
  ];
}

function kindFindings(kind: string | undefined, { kinds }: Conventions): DraftFinding[] {
  if (kind === undefined || Object.hasOwn(kinds, kind)) return [];
  return [{ path: ['kind'], message: `"${kind}" is no known kind; known are ${Object.keys(kinds).join(', ')}` }];
}

function portFindings(ports: PortTable, { reservedPorts }: Conventions): DraftFinding[] {
  const taken = new Map(Object.entries(reservedPorts).map(([agent, port]) => [port, `reserved for ${agent}`]));
  const findings: DraftFinding[] = [];
  for (const [role, port] of Object.entries(ports)) {
    const owner = taken.get(port);
    if (owner === undefined) taken.set(port, `the port of ${role}`);
    else findings.push({ path: ['ports', role], message: `${port} is ${owner}` });
  }
  return findings;
}

function helperFindings(helpers: readonly HelperSpec[], after: readonly string[]): DraftFinding[] {
  const names = helpers.map(({ name }) => name);
  const list = names.join(', ') || 'none';
  const unknown = (path: KeyPath, name: string): DraftFinding[] =>
    names.includes(name) ? [] : [{ path, message: `"${name}" is no helper; there are ${list}` }];
  const findings = helpers.flatMap((helper, index) => [
    ...(names.indexOf(helper.name) < index
      ? [{ path: ['helpers', index, 'name'], message: `"${helper.name}" is already another helper's` }]
      : []),
    ...(['app', 'entrypoint'].includes(helper.name)
      ? [{ path: ['helpers', index, 'name'], message: `"${helper.name}" is a name of the rich container's own` }]
      : []),
    ...helper.after.flatMap((name, at) => unknown(['helpers', index, 'after', at], name)),
  ]);
  const cycle = cycleOf(helpers);
  return [
    ...findings,
    ...after.flatMap((name, at) => unknown(['after', at], name)),
    ...(cycle === undefined
      ? []
      : [{ path: ['helpers'], message: `wait for each other in a circle: ${cycle.join(' after ')}` }]),
  ];
}

/** Names of helpers, each after the next and the last after the first. */
function cycleOf(helpers: readonly HelperSpec[]): readonly string[] | undefined {
  const after = new Map(helpers.map((helper) => [helper.name, helper.after]));
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const next of after.get(name) ?? []) {
      const found = visit(next, [...trail, name]);
      if (found !== undefined) return found;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of helpers) {
    const found = visit(name, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

function envFindings(env: Readonly<Record<string, string>>, { variables }: Conventions): DraftFinding[] {
  const { portPrefix, ...names } = variables;
  const own: readonly string[] = Object.values(names);
  return Object.keys(env)
    .filter(
      (key) =>
        own.includes(key) ||
        /^(HTTP|RPC|MANAGE|METRICS)$/.test(key.startsWith(portPrefix) ? key.slice(portPrefix.length) : ''),
    )
    .map((key) => ({
      path: ['env', key],
      message: `"${key}" is set by the conventions in every container`,
      at: 'key' as const,
    }));
}

function resourceFindings({ requests, limits }: AppSpec['resources']): DraftFinding[] {
  return (['cpu', 'memory'] as const).flatMap((name) => {
    const request = requests?.[name];
    const limit = limits?.[name];
    if (request === undefined || limit === undefined || (quantityValue(limit) ?? 0) >= (quantityValue(request) ?? 0))
      return [];
    return [{ path: ['resources', 'limits', name], message: `${limit} is less than the request, ${request}` }];
  });
}

function probeFindings({ probes, ports }: AppDraft): DraftFinding[] {
  const open = Object.keys(ports);
  return (['readiness', 'liveness', 'startup'] as const).flatMap((name) => {
    const role = probes[name]?.port;
    if (role === undefined || open.includes(role)) return [];
    return [
      {
        path: ['probes', name, 'port'],
        message: `"${role}" is no port of the app; it opens ${open.join(', ') || 'none'}`,
      },
    ];
  });
}
