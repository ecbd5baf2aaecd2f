import type { AppSpec, HookSettings, ProbeSet, ProbeSettings, ResourceSettings } from '../../src/app-yaml/index.js';
import { type Conventions, portsOfKind, quantityValue } from '../../src/conventions/index.js';
import type { JsonMap } from '../pod/json.js';
import { itemsOf, mapAt, textAt, textsAt } from './former.js';
import type { FormerPort } from './ports.js';

/** Programs that mean a kind. */
const programs: readonly (readonly [RegExp, string])[] = [
  [/^java$/, 'java'],
  [/^(node|npm|yarn)$/, 'node'],
  [/^(python[\d.]*|gunicorn|uwsgi|uvicorn|celery)$/, 'python'],
  [/^php(-fpm)?[\d.]*$/, 'php'],
  [/^(nginx|openresty|tengine)$/, 'static'],
];

/** The kind that a container's program means, else `generic`. */
export function kindOfContainer(container: JsonMap): string {
  const words = [...textsAt(container, 'command'), ...textsAt(container, 'args')].join(' ').split(/\s+/);
  const names = words.map((word) => word.split('/').at(-1) ?? '');
  return programs.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1] ?? 'generic';
}

export interface Description {
  readonly name: string;
  readonly kind: string;
  readonly container: JsonMap;
  readonly replicas: unknown;
  readonly ports: readonly FormerPort[];
  readonly conventions: Conventions;
}

/** An app in both its forms; reading the first gives the second. */
export interface DescribedApp {
  /** What stands in its app.yaml. */
  readonly document: object;
  readonly spec: AppSpec;
}

/**
 * The app of what is there already. It turns nothing on that the app may not know: no switch and no health, so that it
 * takes traffic when its own probe says so.
 */
export function describedApp(description: Description): DescribedApp {
  const { name, kind, container, replicas, ports: former, conventions } = description;
  const { stack = '', runtime = '', env: kindsEnv } = conventions.kinds[kind] ?? {};
  const entrypoint = [...textsAt(container, 'command'), ...textsAt(container, 'args')];
  const ports = Object.fromEntries(former.map(({ role, number }) => [role, number]));
  const env = ownVariables(container, former, conventions);
  const resources = resourcesOf(container);
  const probes = probesOf(container, former);
  const hooks: HookSettings = { preload: false, online: false, offline: false, ...drainOf(container) };
  const own = { name, kind, stack, runtime, entrypoint };
  const counted = typeof replicas === 'number' ? { replicas } : {};
  const filled = Object.entries({ ports, env, resources, probes }).filter(([, part]) => Object.keys(part).length > 0);
  return {
    document: { ...own, ...Object.fromEntries(filled), hooks, ...counted },
    spec: {
      ...own,
      ports: { ...portsOfKind(kind, conventions), ...ports },
      env: { ...kindsEnv, ...env },
      resources,
      probes,
      hooks,
      helpers: [],
      after: [],
      ...counted,
    },
  };
}

/** A sleep before the stop is what the platform has as a time to drain. */
function drainOf(container: JsonMap): Pick<HookSettings, 'drainSeconds'> {
  const words = textsAt(mapAt(mapAt(mapAt(container, 'lifecycle'), 'preStop'), 'exec'), 'command');
  const seconds = /^(?:-c )?sleep (\d+)$/.exec(words.slice(-2).join(' '))?.[1];
  return seconds === undefined ? {} : { drainSeconds: Number(seconds) };
}

/** Variables with a value that the conventions do not set themselves. */
function ownVariables(
  container: JsonMap,
  ports: readonly FormerPort[],
  { variables }: Conventions,
): Readonly<Record<string, string>> {
  const { portPrefix, ...names } = variables;
  const taken = new Set<string>([
    ...Object.values(names),
    ...ports.map(({ role }) => `${portPrefix}${role.toUpperCase()}`),
  ]);
  return Object.fromEntries(
    itemsOf(container, 'env').flatMap((variable) => {
      const name = textAt(variable, 'name');
      const value = textAt(variable, 'value') ?? (variable['valueFrom'] === undefined ? '' : undefined);
      return name === undefined || value === undefined || taken.has(name) || !/^[A-Za-z_]\w*$/.test(name)
        ? []
        : [[name, value]];
    }),
  );
}

/** Requests and limits of CPU and memory. */
function resourcesOf(container: JsonMap): ResourceSettings {
  const resources = mapAt(container, 'resources');
  const [requests, limits] = ['requests', 'limits'].map((group) => amountsOf(mapAt(resources, group)));
  return { ...(requests && { requests }), ...(limits && { limits }) };
}

function amountsOf(group: JsonMap): ResourceSettings['requests'] {
  const amountOf = (name: string): string | undefined => {
    const amount = typeof group[name] === 'number' ? String(group[name]) : textAt(group, name);
    return amount !== undefined && (quantityValue(amount) ?? 0) > 0 ? amount : undefined;
  };
  const cpu = amountOf('cpu');
  const memory = amountOf('memory');
  if (cpu === undefined && memory === undefined) return undefined;
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}

/** Probes by HTTP or TCP, of a port of the app. */
function probesOf(container: JsonMap, ports: readonly FormerPort[]): ProbeSet {
  const of = (which: keyof ProbeSet): ProbeSettings | undefined => probeOf(mapAt(container, `${which}Probe`), ports);
  const [readiness, liveness, startup] = [of('readiness'), of('liveness'), of('startup')];
  return { ...(readiness && { readiness }), ...(liveness && { liveness }), ...(startup && { startup }) };
}

function probeOf(probe: JsonMap, ports: readonly FormerPort[]): ProbeSettings | undefined {
  const http = mapAt(probe, 'httpGet');
  const target = http['port'] ?? mapAt(probe, 'tcpSocket')['port'];
  const port = ports.find(({ number, name }) => target !== undefined && (number === target || name === target))?.role;
  if (port === undefined) return undefined;
  const path = textAt(http, 'path');
  const times = (['periodSeconds', 'timeoutSeconds', 'failureThreshold'] as const).flatMap((time) =>
    typeof probe[time] === 'number' ? [[time, probe[time]] as const] : [],
  );
  return { port, ...(path !== undefined && { path }), ...Object.fromEntries(times) };
}
