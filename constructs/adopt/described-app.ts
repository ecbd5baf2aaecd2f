import { type Conventions, quantityValue } from '../../src/conventions/index.js';
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

/**
 * The app.yaml of what is there already. It turns nothing on that the app may not know: no switch and no health, so that
 * it takes traffic when its own probe says so.
 */
export function describedApp(description: Description): JsonMap {
  const { name, kind, container, replicas, ports, conventions } = description;
  const command = [...textsAt(container, 'command'), ...textsAt(container, 'args')];
  const { stack = '', runtime = '' } = conventions.kinds[kind] ?? {};
  const env = ownVariables(container, ports, conventions);
  const resources = amounts(container);
  const probes = probesOf(container, ports);
  const sleep = /^sleep (\d+)$/.exec(
    textsAt(mapAt(mapAt(mapAt(container, 'lifecycle'), 'preStop'), 'exec'), 'command')
      .slice(-2)
      .join(' ')
      .replace(/^-c /, ''),
  );
  return {
    name,
    kind,
    stack,
    runtime,
    ...(command.length > 0 && { entrypoint: command }),
    ...(ports.length > 0 && { ports: Object.fromEntries(ports.map(({ role, number }) => [role, number])) }),
    ...(Object.keys(env).length > 0 && { env }),
    ...(Object.keys(resources).length > 0 && { resources }),
    ...(Object.keys(probes).length > 0 && { probes }),
    hooks: {
      preload: false,
      online: false,
      offline: false,
      ...(sleep?.[1] !== undefined && { drainSeconds: Number(sleep[1]) }),
    },
    ...(typeof replicas === 'number' && { replicas }),
  };
}

/** Variables with a value that the conventions do not set themselves. */
function ownVariables(container: JsonMap, ports: readonly FormerPort[], { variables }: Conventions): JsonMap {
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
function amounts(container: JsonMap): JsonMap {
  const resources = mapAt(container, 'resources');
  return Object.fromEntries(
    ['requests', 'limits'].flatMap((group) => {
      const all = mapAt(resources, group);
      const own = ['cpu', 'memory'].flatMap((name) => {
        const amount = typeof all[name] === 'number' ? String(all[name]) : textAt(all, name);
        return amount !== undefined && (quantityValue(amount) ?? 0) > 0 ? [[name, amount]] : [];
      });
      return own.length === 0 ? [] : [[group, Object.fromEntries(own)]];
    }),
  );
}

/** Probes by HTTP or TCP, of a port of the app. */
function probesOf(container: JsonMap, ports: readonly FormerPort[]): JsonMap {
  return Object.fromEntries(
    ['readiness', 'liveness', 'startup'].flatMap((which) => {
      const probe = mapAt(container, `${which}Probe`);
      const http = mapAt(probe, 'httpGet');
      const target = http['port'] ?? mapAt(probe, 'tcpSocket')['port'];
      const role = ports.find(
        ({ number, name }) => target !== undefined && (number === target || name === target),
      )?.role;
      if (role === undefined) return [];
      const times = ['periodSeconds', 'timeoutSeconds', 'failureThreshold'].flatMap((time) =>
        typeof probe[time] === 'number' ? [[time, probe[time]]] : [],
      );
      const path = textAt(http, 'path');
      return [[which, { port: role, ...(path !== undefined && { path }), ...Object.fromEntries(times) }]];
    }),
  );
}
