import { type Conventions, portRoles, type PortRole } from '../../src/conventions/index.js';
import type { JsonMap } from '../pod/json.js';
import { itemsOf, textAt } from './former.js';

/** A port of the former container, as the app has it. */
export interface FormerPort {
  readonly role: PortRole;
  readonly number: number;
  readonly name: string | undefined;
}

/**
 * Which role each port has: that of its name, else that of its number in the conventions; else the first that the Service
 * leads to, or the first of the rest, is `http`. A port with no role is none of the app's.
 */
export function formerPorts(container: JsonMap, serviceSpec: JsonMap, conventions: Conventions): FormerPort[] {
  const all = itemsOf(container, 'ports').flatMap((port) => {
    const number = port['containerPort'];
    return typeof number === 'number' ? [{ number, name: textAt(port, 'name') }] : [];
  });
  const byNumber = new Map(portRoles.map((role) => [conventions.ports[role], role]));
  const ports: FormerPort[] = [];
  const take = (role: PortRole | undefined, port: (typeof all)[number] | undefined): void => {
    if (role === undefined || port === undefined) return;
    if (ports.some((taken) => taken.role === role || taken.number === port.number)) return;
    ports.push({ ...port, role });
  };
  for (const port of all)
    take(
      portRoles.find((role) => role === port.name),
      port,
    );
  for (const port of all) take(byNumber.get(port.number), port);
  const targets = itemsOf(serviceSpec, 'ports').map(({ targetPort, port }) => targetPort ?? port);
  take(
    'http',
    all.find(({ number, name }) => targets.includes(number) || (name !== undefined && targets.includes(name))),
  );
  take(
    'http',
    all.find(({ number }) => !ports.some((taken) => taken.number === number)),
  );
  return ports;
}

/** The ports that callers use, by role. */
export function servicePorts(serviceSpec: JsonMap, ports: readonly FormerPort[]): Record<string, number> {
  return Object.fromEntries(
    itemsOf(serviceSpec, 'ports').flatMap(({ port, targetPort = port }) => {
      const own = ports.find(
        ({ number, name }) => number === targetPort || (name !== undefined && name === targetPort),
      );
      return own === undefined || typeof port !== 'number' || port === own.number ? [] : [[own.role, port]];
    }),
  );
}
