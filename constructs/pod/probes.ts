import { k8s } from 'cdk8s-plus-28';
import type { ProbeSettings } from '../../src/app-yaml/index.js';
import {
  conventionsOfKind,
  type Conventions,
  type Finding,
  type PortRole,
  youzanConventions,
} from '../../src/conventions/index.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import type { PodConcern } from './pod-part.js';

/** What a probe asks: a path, or that the port is open. */
interface ProbeDefaults extends Required<Pick<ProbeSettings, 'periodSeconds' | 'timeoutSeconds' | 'failureThreshold'>> {
  readonly port: PortRole;
  readonly path?: string;
}

/** Readiness, where there is a port to ask, and what else the app wants. A workload without hooks has no probes either. */
export const probesPart: PodConcern = ({ props: { spec }, conventions, runtime }) => {
  if (runtime.hooks === undefined) return undefined;
  const { readiness, liveness, startup } = spec.probes;
  const ready = readinessDefaults(spec, conventions);
  return {
    main: {
      ...(Object.hasOwn(spec.ports, readiness?.port ?? ready.port) && { readinessProbe: probe(ready, readiness) }),
      ...(liveness !== undefined && { livenessProbe: probe(livenessDefaults(conventions), liveness) }),
      ...(startup !== undefined && { startupProbe: probe(startupDefaults(conventions), startup) }),
    },
  };
};

function probe(defaults: ProbeDefaults, settings: ProbeSettings = {}): k8s.Probe {
  const { port: role, periodSeconds, timeoutSeconds, failureThreshold, ...rest } = { ...defaults, ...settings };
  const path = settings.port === undefined ? rest.path : settings.path;
  const port = k8s.IntOrString.fromString(role);
  return {
    ...(path === undefined ? { tcpSocket: { port } } : { httpGet: { path, port } }),
    periodSeconds,
    timeoutSeconds,
    failureThreshold,
  };
}

/**
 * Readiness asks the switch, so that it is what online and offline say; without the switch, the port. An app whose kind has
 * no switch is ready while it is healthy.
 */
function readinessDefaults({ kind, hooks }: YouzanAppProps['spec'], conventions: Conventions): ProbeDefaults {
  const { switch: turned, health } = conventions.hooks;
  const times = { periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 };
  if (hooks.online !== false) return { port: turned.role, path: turned.path, ...times };
  if (conventions.kinds[kind]?.switch === 'none') return { port: health.role, path: health.path, ...times };
  return { port: turned.role, ...times };
}

function livenessDefaults({ hooks: { health } }: Conventions): ProbeDefaults {
  return { port: health.role, path: health.path, periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 3 };
}

/** As long as preload waits. */
function startupDefaults({ hooks: { health, preload } }: Conventions): ProbeDefaults {
  const periodSeconds = 2;
  const failureThreshold = Math.ceil(preload.deadlineSeconds / periodSeconds);
  return { port: health.role, path: health.path, periodSeconds, timeoutSeconds: 2, failureThreshold };
}

/** Probes that ask a port which the app does not open, because they say of none. */
export function probeFindings({ spec, conventions = youzanConventions }: YouzanAppProps): Finding[] {
  const { role } = conventionsOfKind(spec.kind, conventions).hooks.health;
  if (Object.hasOwn(spec.ports, role)) return [];
  return (['liveness', 'startup'] as const)
    .filter((name) => spec.probes[name] !== undefined && spec.probes[name].port === undefined)
    .map((name) => ({ path: `spec.probes.${name}`, message: `the app opens no ${role}, which it asks; name a port` }));
}
