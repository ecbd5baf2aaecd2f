import {
  type Finding,
  isDnsSubdomain,
  isLabelKey,
  isLabelValue,
  youzanConventions,
} from '../../src/conventions/index.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';

/** A Deployment that is there already, with the Service before it: an app takes over what others know of them. */
export interface AdoptedWorkload {
  /** Of the Deployment. */
  readonly name: string;
  /** Of the Deployment, all its `matchLabels`: Kubernetes never changes them. The pods get them beside the app's labels. */
  readonly selector: Readonly<Record<string, string>>;
  /** What callers use: its name, and its ports by role. Default: the Deployment's name, and the app's own ports. */
  readonly service?: { readonly name: string; readonly ports: Readonly<Record<string, number>> };
}

/** What can't be taken over. */
export function adoptFindings({ adopt, spec, conventions = youzanConventions }: YouzanAppProps): Finding[] {
  if (adopt === undefined) return [];
  const { name, selector, service } = adopt;
  const { app, cluster, env, idc, color, sc, isolated, debug } = conventions.labels;
  const own = [app, cluster, env, idc, color, sc, isolated, debug];
  const names = [
    { path: 'adopt.name', name },
    ...(service === undefined ? [] : [{ path: 'adopt.service.name', name: service.name }]),
  ];
  const entries = Object.entries(selector);
  return [
    ...names
      .filter((one) => !isDnsSubdomain(one.name))
      .map((one) => ({ path: one.path, message: `"${one.name}" is no DNS subdomain` })),
    ...(entries.length === 0
      ? [{ path: 'adopt.selector', message: 'has no label: a Deployment selects by at least one' }]
      : []),
    ...entries
      .filter(([key, value]) => !isLabelKey(key) || !isLabelValue(value))
      .map(([key, value]) => ({ path: 'adopt.selector', message: `"${key}: ${value}" is no label` })),
    ...entries
      .filter(([key]) => own.includes(key))
      .map(([key]) => ({
        path: 'adopt.selector',
        message: `"${key}" is a label of the conventions, which the app sets`,
      })),
    ...Object.keys(service?.ports ?? {})
      .filter((role) => !Object.hasOwn(spec.ports, role))
      .map((role) => ({ path: `adopt.service.ports.${role}`, message: 'is no port of the app' })),
  ];
}
