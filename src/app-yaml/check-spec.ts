import { isDnsLabel, isPort, portRoles, type Conventions } from '../conventions/index.js';
import type { AppSpec } from './app-spec.js';
import { crossFindings } from './cross-checks.js';

/** One thing that is wrong with a spec, by the path of its key: `ports.http`. */
export interface SpecFinding {
  readonly key: string;
  readonly message: string;
}

/** What is wrong with a spec that was written by hand or changed after it was parsed; empty for a parsed one. */
export function checkAppSpec(spec: AppSpec, conventions: Conventions): readonly SpecFinding[] {
  const findings: SpecFinding[] = [];
  if (!isDnsLabel(spec.name)) {
    findings.push({ key: 'name', message: `"${spec.name}" is no DNS label that starts with a letter` });
  }
  for (const [role, port] of Object.entries(spec.ports)) {
    if (!portRoles.some((one) => one === role)) {
      findings.push({ key: `ports.${role}`, message: `is no port role; known are ${portRoles.join(', ')}` });
    }
    if (!isPort(port))
      findings.push({ key: `ports.${role}`, message: `${port} is no port: a whole number from 1 to 65535` });
  }
  for (const name of Object.keys(spec.env).filter((one) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(one))) {
    findings.push({ key: `env.${name}`, message: 'is no name of a variable: letters, digits and _' });
  }
  const { replicas } = spec;
  if (replicas !== undefined && !(Number.isInteger(replicas) && replicas >= 0))
    findings.push({ key: 'replicas', message: `${replicas} is no number of pods: a whole number from 0` });
  findings.push(...probeFindings(spec));
  for (const { path, message } of crossFindings(spec, conventions)) findings.push({ key: path.join('.'), message });
  return findings;
}

function probeFindings({ probes }: AppSpec): SpecFinding[] {
  return (['readiness', 'liveness', 'startup'] as const).flatMap((name) =>
    (['periodSeconds', 'timeoutSeconds', 'failureThreshold'] as const)
      .map((field) => [field, probes[name]?.[field] ?? 1] as const)
      .filter(([, value]) => !(Number.isInteger(value) && value >= 1))
      .map(([field, value]) => ({
        key: `probes.${name}.${field}`,
        message: `${value} is out of range: a whole number from 1`,
      })),
  );
}
