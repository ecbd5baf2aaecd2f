import type { Conventions } from './conventions.js';
import type { HookDefaults } from './hook-defaults.js';
import type { PartOf } from './merge.js';
import type { PortRole, PortTable } from './port.js';

/** The app kinds that {@link youzanConventions} knows; a company may add its own. */
export type AppKindName = 'java' | 'node' | 'python' | 'php' | 'static' | 'generic';

/** What all apps of one kind have in common: what an app.yaml need not say. */
export interface AppKind {
  /** First parts of the runtimes that mean this kind when an app.yaml names none: `python` for `python-2.7`. */
  readonly runtimes: readonly string[];
  /** Ports that an app of this kind opens unless its app.yaml lists its own. */
  readonly roles: readonly PortRole[];
  /** Signal that asks an app of this kind to end, without `SIG`: nginx and php-fpm take QUIT. */
  readonly terminationSignal: 'TERM' | 'QUIT' | 'INT';
  /** Operating system layer of an app that names none. */
  readonly stack: string;
  /** Runtime layer of an app that names its kind and no runtime. */
  readonly runtime: string;
  /** Business process of an app that has no entrypoint of its own: words, or a text for a shell. Default: it needs one. */
  readonly command?: readonly string[] | { readonly shell: string };
  /**
   * `none` for a kind whose apps can't be turned on and off by HTTP: they have no online and offline unless an app.yaml
   * asks for them, and the readiness probe asks their health. Default: `http`, the conventions' switch.
   */
  readonly switch?: 'http' | 'none';
  /** Hooks that differ from the conventions'. Default: none. */
  readonly hooks?: PartOf<HookDefaults>;
  /** Variables that each app of the kind gets; its app.yaml may set them otherwise. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The kind that a runtime such as `python-2.7` stands for, or `undefined`. */
export function kindOfRuntime(runtime: string, conventions: Conventions): string | undefined {
  const family = runtime.toLowerCase().split(/[-:@]/)[0] ?? '';
  return Object.entries(conventions.kinds).find(([, { runtimes }]) => runtimes.includes(family))?.[0];
}

/** The ports of an app of this kind by role, from the company's port table; none for an unknown kind. */
export function portsOfKind(kind: string, conventions: Conventions): PortTable {
  const roles = conventions.kinds[kind]?.roles ?? [];
  return Object.fromEntries(roles.map((role) => [role, conventions.ports[role]]));
}

/**
 * The conventions as they are for one kind: with its hooks in the place of the company's. Those of an unknown kind are the
 * company's.
 *
 * @example
 * conventionsOfKind('static', youzanConventions).hooks.health; // { role: 'http', path: '/', expect: false }
 */
export function conventionsOfKind(kind: string, conventions: Conventions): Conventions {
  const own = Object.hasOwn(conventions.kinds, kind) ? conventions.kinds[kind]?.hooks : undefined;
  if (own === undefined) return conventions;
  const { hooks } = conventions;
  return {
    ...conventions,
    hooks: {
      ...hooks,
      ...own,
      health: { ...hooks.health, ...own.health },
      switch: { ...hooks.switch, ...own.switch },
      preload: { ...hooks.preload, ...own.preload },
      online: { ...hooks.online, ...own.online },
      offline: { ...hooks.offline, ...own.offline },
      stop: { ...hooks.stop, ...own.stop },
    },
  };
}
