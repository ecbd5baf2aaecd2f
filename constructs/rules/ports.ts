import { isPort, portRoles } from '../../src/conventions/index.js';
import { isDigitLabel } from './names.js';
import { at, inNamespaceOf, isSet, itemsAt, type Place, repeated, rootOf, textAt, textOf } from './place.js';
import { containersOf, type Pod, type PodContainer, podsOf } from './pods.js';
import type { ManifestObject } from '../objects/manifest-object.js';
import type { Rule, RuleHit } from './rule.js';
import { podsOfService } from './selector.js';

const portsOf = ({ ports }: PodContainer): readonly Place[] => ports;
const servicePorts = (service: ManifestObject): Place[] => itemsAt(rootOf(service), 'spec.ports');
const servicesOf = (bundle: readonly ManifestObject[]): ManifestObject[] =>
  bundle.filter(({ kind }) => kind === 'Service');
const protocolOf = (port: Place): string => textAt(port, 'protocol') ?? 'TCP';
/** Those that run at the same time as the app. */
const running = ({ containers }: Pod): PodContainer[] => containers.filter(({ role }) => role !== 'init');

/** As IANA has names of services: what a container's port may be called. */
const isPortName = (name: string): boolean =>
  name.length <= 15 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && /[a-z]/.test(name);

export const portName: Rule = {
  id: 'port-name',
  what: 'A port of a container or of a Service has a name that Kubernetes allows; only the single port of a Service may have none.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'lower-case letters, digits and single inner dashes, at least one letter, at most 15 in a container',
  check: (bundle) => {
    const named = (ports: readonly Place[], fits: (name: string) => boolean): Place[] =>
      ports.map((port) => at(port, 'name')).filter((name) => isSet(name) && !fits(String(name.value)));
    const misnamed = [
      ...named(containersOf(bundle).flatMap(portsOf), isPortName),
      ...named(servicesOf(bundle).flatMap(servicePorts), isDigitLabel),
    ].map((place) => ({ place, message: `${textOf(place)} is no name of a port` }));
    const nameless = servicesOf(bundle)
      .filter((service) => servicePorts(service).length > 1)
      .flatMap(servicePorts)
      .filter((port) => !isSet(at(port, 'name')))
      .map((port) => ({ place: at(port, 'name'), message: 'has no name, beside another port' }));
    return [...misnamed, ...nameless];
  },
};

export const portNumber: Rule = {
  id: 'port-number',
  what: 'A port is a whole number from 1 to 65535.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'give the number that the app listens on',
  check: (bundle) =>
    [
      ...containersOf(bundle)
        .flatMap(portsOf)
        .map((port) => at(port, 'containerPort')),
      ...servicesOf(bundle)
        .flatMap(servicePorts)
        .map((port) => at(port, 'port')),
    ]
      .filter(({ value }) => typeof value !== 'number' || !isPort(value))
      .map((place) => ({ place, message: `${textOf(place)} is no port` })),
};

export const duplicatePort: Rule = {
  id: 'duplicate-port',
  what: 'No two ports of a pod or of a Service have one name, or one number and protocol.',
  why: 'The second process can not listen; server-side apply refuses two in one list.',
  severity: 'error',
  fix: 'give one of them another name or number',
  check: (bundle) => [
    ...podsOf(bundle).flatMap((pod) => twice(running(pod).flatMap(portsOf), 'containerPort')),
    ...servicesOf(bundle).flatMap((service) => twice(servicePorts(service), 'port')),
  ],
};

function twice(ports: readonly Place[], numberKey: string): RuleHit[] {
  const numbers = repeated(ports, (port) => `${String(at(port, numberKey).value)}/${protocolOf(port)}`);
  const names = repeated(ports, (port) => textAt(port, 'name'));
  return [
    ...numbers.map((port) => ({
      place: at(port, numberKey),
      message: `${textOf(at(port, numberKey))}/${protocolOf(port)} is already another port`,
    })),
    ...names.map((port) => ({ place: at(port, 'name'), message: `there is another port ${textOf(at(port, 'name'))}` })),
  ];
}

export const portConvention: Rule = {
  id: 'port-convention',
  what: "A port that is named after a role has the role's number, and the app's kind has the role.",
  why: 'Agents, dashboards and network rules know an app by the ports of its kind.',
  severity: 'warning',
  fix: "take the convention's port, or change the convention with defineConventions",
  check: (bundle, { conventions, kind }) => {
    const roles = kind === undefined ? undefined : conventions.kinds[kind]?.roles;
    return containersOf(bundle)
      .flatMap(portsOf)
      .flatMap((port) => {
        const role = portRoles.find((one) => one === textAt(port, 'name'));
        const number = at(port, 'containerPort');
        if (role === undefined) return [];
        if (roles?.includes(role) === false)
          return [
            { place: at(port, 'name'), message: `a ${kind ?? ''} app has no ${role}; it has ${roles.join(', ')}` },
          ];
        const usual = conventions.ports[role];
        return number.value === usual
          ? []
          : [{ place: number, message: `${textOf(number)} is ${role}, which is ${usual} by convention` }];
      });
  },
};

/** A reference to a port of a container, and the containers that may have it. */
interface PortReference {
  readonly place: Place;
  readonly containers: readonly PodContainer[];
}

/** What Services send to: by `targetPort`, or by the same number as their own. */
function serviceTargets(bundle: readonly ManifestObject[]): PortReference[] {
  return servicesOf(bundle).flatMap((service) => {
    const pods = podsOfService(service, bundle) ?? [];
    return pods.flatMap((pod) =>
      servicePorts(service).map((port) => {
        const target = at(port, 'targetPort');
        return { place: isSet(target) ? target : at(port, 'port'), containers: running(pod) };
      }),
    );
  });
}

/** What probes and hooks call. */
function handlerPorts(bundle: readonly ManifestObject[]): PortReference[] {
  const handlers = ['readinessProbe', 'livenessProbe', 'startupProbe', 'lifecycle.postStart', 'lifecycle.preStop'];
  const ports = handlers.flatMap((handler) => [`${handler}.httpGet.port`, `${handler}.tcpSocket.port`]);
  return containersOf(bundle).flatMap((container) =>
    ports
      .map((keys) => ({ place: at(container.place, keys), containers: [container] }))
      .filter(({ place }) => isSet(place)),
  );
}

function unknownPorts(references: readonly PortReference[], type: 'string' | 'number'): PortReference[] {
  const key = type === 'string' ? 'name' : 'containerPort';
  return references.filter(
    ({ place, containers }) =>
      typeof place.value === type &&
      !containers.flatMap(portsOf).some((port) => inNamespaceOf(port, place) && at(port, key).value === place.value),
  );
}

const portList = (containers: readonly PodContainer[], key: string): string =>
  containers
    .flatMap(portsOf)
    .map((port) => String(at(port, key).value))
    .join(', ') || 'none';

export const targetPort: Rule = {
  id: 'target-port',
  what: 'A port that a Service sends to by name is a port of a container that it selects.',
  why: 'The Service has no endpoints for it, and the gateway no servers.',
  severity: 'error',
  fix: 'name a port of the container',
  check: (bundle) =>
    unknownPorts(serviceTargets(bundle), 'string').map(({ place, containers }) => ({
      place,
      message: `no container has a port ${textOf(place)}; there are ${portList(containers, 'name')}`,
    })),
};

export const probePort: Rule = {
  id: 'probe-port',
  what: 'A port that a probe or a hook calls by name is a port of its own container.',
  why: 'The probe fails for ever, or the hook kills the container.',
  severity: 'error',
  fix: 'name a port of the same container',
  check: (bundle) =>
    unknownPorts(handlerPorts(bundle), 'string').map(({ place, containers }) => ({
      place,
      message: `the container has no port ${textOf(place)}; it has ${portList(containers, 'name')}`,
    })),
};

export const undeclaredPort: Rule = {
  id: 'undeclared-port',
  what: 'A port that a Service, a probe or a hook calls by number is among the ports of a container.',
  why: 'It works only when something listens there that no list names.',
  severity: 'warning',
  fix: 'add the port to the container, and refer to it by name',
  check: (bundle) =>
    unknownPorts([...serviceTargets(bundle), ...handlerPorts(bundle)], 'number').map(({ place, containers }) => ({
      place,
      message: `no container lists ${textOf(place)}; there are ${portList(containers, 'containerPort')}`,
    })),
};
