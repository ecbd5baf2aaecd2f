import type { AppContext } from '../app/app-context.js';
import { runsToEnd } from '../app/workload-kind.js';
import { jvmVariables } from './jvm.js';

/** One environment variable: a value, or a field of the pod. */
export type Variable = { readonly name: string } & ({ readonly value: string } | { readonly fieldPath: string });

/**
 * The container's environment: the pod's own fields, what the conventions say of app and place, the ports, then the
 * app's own, in whose values Kubernetes replaces `$(POD_IP)` and the like. It replaces what stands before: so one that
 * another refers to comes first, whatever the order in which they were written.
 */
export function variablesOf({ props, conventions, workloadKind }: AppContext): Variable[] {
  const { spec, version, sc } = props;
  const names = conventions.variables;
  const fields: Variable[] = [
    { name: names.podUid, fieldPath: 'metadata.uid' },
    { name: names.podName, fieldPath: 'metadata.name' },
    { name: names.podNamespace, fieldPath: 'metadata.namespace' },
    { name: names.podIp, fieldPath: 'status.podIP' },
    { name: names.nodeName, fieldPath: 'spec.nodeName' },
  ];
  const values: Readonly<Record<string, string>> = {
    [names.runMode]: conventions.environments[props.env]?.runMode ?? '',
    [names.app]: spec.name,
    [names.appVersion]: version,
    [names.idc]: props.idc,
    [names.cluster]: props.cluster,
    [names.env]: props.env,
    ...(runsToEnd(workloadKind) ? {} : { [names.color]: props.color ?? 'stable' }),
    // The same form as the header's value: programs read either.
    ...(sc === undefined ? {} : { [names.sc]: JSON.stringify({ name: sc }) }),
    ...Object.fromEntries(
      Object.entries(spec.ports).map(([role, port]) => [`${names.portPrefix}${role.toUpperCase()}`, String(port)]),
    ),
  };
  const given = { ...spec.env, ...props.environment };
  const own = { ...given, ...jvmVariables(props, conventions, { ...values, ...given }) };
  const all = [...Object.entries(values), ...byReference(own)];
  return [...fields, ...all.map(([name, value]) => ({ name, value }))];
}

/** By name, but each behind those that its value refers to. */
function byReference(values: Readonly<Record<string, string>>): [string, string][] {
  const placed = new Map<string, string>();
  const place = (name: string, waiting: readonly string[]): void => {
    const value = values[name];
    if (value === undefined || placed.has(name) || waiting.includes(name)) return;
    const referred = [...value.matchAll(/\$\(([^()]+)\)/g)].map(([, other = '']) => other);
    for (const other of referred.sort()) place(other, [...waiting, name]);
    placed.set(name, value);
  };
  for (const name of Object.keys(values).sort()) place(name, []);
  return [...placed];
}
