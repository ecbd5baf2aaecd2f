// The environment of a pod's processes.
import { containerOf, type PodObject } from '../controllers/objects.js';

/** Marks every process of a pod; the kubelet finds them by it in /proc. */
export const podMarker = 'YOUZAN_POD_UID';
/** Marks every process of a cluster; the reaper finds them by it. */
export const clusterMarker = 'YOUZAN_CLUSTER_ID';

/** Where a pod lives on this machine. */
export interface PodPlace {
  readonly clusterId: string;
  /** Working directory of its processes. */
  readonly workdir: string;
  readonly ip: string;
  readonly hostIp: string;
  /** A folder of the pod's own; holds the three below. */
  readonly folder: string;
  readonly stateFolder: string;
  readonly logFile: string;
  readonly terminationLog: string;
}

type Field = (pod: PodObject, place: PodPlace) => string;

const fields: Readonly<Record<string, Field>> = {
  'metadata.name': (pod) => pod.metadata.name,
  'metadata.namespace': (pod) => pod.metadata.namespace ?? '',
  'metadata.uid': (pod) => pod.metadata.uid ?? '',
  'spec.nodeName': (pod) => pod.spec.nodeName ?? '',
  'spec.serviceAccountName': (pod) => pod.spec.serviceAccountName ?? 'default',
  'status.podIP': (_, place) => place.ip,
  'status.podIPs': (_, place) => place.ip,
  'status.hostIP': (_, place) => place.hostIp,
};
const keyedField = /^metadata\.(labels|annotations)\['([^']+)'\]$/;

export function isKnownField(path: string | undefined): boolean {
  return path !== undefined && (path in fields || keyedField.test(path));
}

function fieldValue(path: string, pod: PodObject, place: PodPlace): string {
  const [, map, key] = keyedField.exec(path) ?? [];
  if (map === 'labels') return pod.metadata.labels?.[key ?? ''] ?? '';
  if (map === 'annotations') return pod.metadata.annotations?.[key ?? ''] ?? '';
  return fields[path]?.(pod, place) ?? '';
}

/** Replaces `$(NAME)` by its value; `$$(NAME)` stands for the text `$(NAME)`, an unknown name stays as it is. */
export function expand(text: string, values: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\$(\$)?\(([^)]*)\)/g, (whole, escaped: string | undefined, name: string) =>
    escaped === undefined ? (values[name] ?? whole) : whole.slice(1),
  );
}

/** Variables of this process that a pod's processes keep. */
const inherited = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TZ'];

/**
 * All variables of a pod's processes: a few of this process, the cluster's `extra` ones, the container's own, and those
 * that stand for the pod's places on this machine.
 */
export function podEnvironment(
  pod: PodObject,
  place: PodPlace,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  Object.assign(environment, extra);
  for (const { name, value, valueFrom } of containerOf(pod).env ?? []) {
    const path = valueFrom?.fieldRef?.fieldPath;
    environment[name] = path === undefined ? expand(value ?? '', environment) : fieldValue(path, pod, place);
  }
  return {
    ...environment,
    HOSTNAME: pod.metadata.name,
    LISTEN_HOST: place.ip,
    YOUZAN_HOST: place.ip,
    YOUZAN_STATE_DIR: place.stateFolder,
    YOUZAN_STDOUT: place.logFile,
    YOUZAN_TERMINATION_LOG: place.terminationLog,
    [podMarker]: pod.metadata.uid ?? '',
    [clusterMarker]: place.clusterId,
  };
}
