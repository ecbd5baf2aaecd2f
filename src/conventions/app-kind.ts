import type { Conventions } from './conventions.js';
import type { PortRole, PortTable } from './port.js';

/** The app kinds that {@link youzanConventions} knows; a company may add its own. */
export type AppKindName = 'java' | 'node' | 'python' | 'php' | 'static' | 'generic';

/** What all apps of one kind have in common. */
export interface AppKind {
  /** First parts of the runtimes that mean this kind when an app.yaml names none: `python` for `python-2.7`. */
  readonly runtimes: readonly string[];
  /** Ports that an app of this kind opens unless its app.yaml lists its own. */
  readonly roles: readonly PortRole[];
  /** Signal that asks an app of this kind to end, without `SIG`: nginx and php-fpm take QUIT. */
  readonly terminationSignal: 'TERM' | 'QUIT' | 'INT';
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
