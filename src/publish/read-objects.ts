// From the API's objects to the few fields that publishing needs.
import type { Conventions } from '../conventions/index.js';
import type { KubeObject } from '../kube/index.js';
import { canonicalAddress, networkAddresses } from '../members/index.js';
import type { PodView, PublishScope, ServiceView, WorkloadView } from './observation.js';

export interface PodObject extends KubeObject {
  readonly spec?: {
    readonly containers?: readonly ContainerObject[];
    readonly initContainers?: readonly ContainerObject[];
  };
  readonly status?: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface ContainerObject {
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
}

export interface ServiceObject extends KubeObject {
  readonly spec?: {
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly {
      readonly name?: string;
      readonly port: number;
      readonly targetPort?: string | number;
    }[];
  };
}

export interface DeploymentObject extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly observedGeneration?: number };
}

/** The selector of everything of an app. */
export function appSelector({ app }: PublishScope, { labels }: Conventions): string {
  return `${labels.app}=${app}`;
}

/** Undefined for a pod that never takes traffic: isolated, or of a debug release. */
export function podViewOf({ metadata, spec, status }: PodObject, { labels: keys }: Conventions): PodView | undefined {
  const labels = metadata.labels ?? {};
  if (labels[keys.isolated] !== undefined || labels[keys.debug] !== undefined) return undefined;
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const ports = containers.flatMap((container) =>
    (container.ports ?? []).flatMap(({ name, containerPort }) =>
      name === undefined ? [] : [[name, containerPort] as const],
    ),
  );
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    ip: canonicalAddress(status?.podIP ?? ''),
    networkAddresses: networkAddresses(metadata.annotations),
    ready: (status?.conditions ?? []).some(({ type, status: value }) => type === 'Ready' && value === 'True'),
    terminating: metadata.deletionTimestamp !== undefined,
    templateHash: labels['pod-template-hash'] ?? '',
    labels,
    ports: Object.fromEntries(ports),
  };
}

/** Undefined when it is out of scope or has no published port. */
export function serviceViewOf(
  { metadata, spec }: ServiceObject,
  scope: PublishScope,
  { labels: keys, publishedRoles }: Conventions,
): ServiceView | undefined {
  const labels = metadata.labels ?? {};
  const identity = identityOf(labels, keys, scope);
  const network = labels[keys.network];
  const ports = (spec?.ports ?? []).flatMap(({ name = '', port, targetPort }) =>
    publishedRoles.some((role) => role === name) ? [{ role: name, target: targetPort ?? port }] : [],
  );
  if (identity === undefined || ports.length === 0 || metadata.deletionTimestamp !== undefined) return undefined;
  return {
    name: metadata.name,
    ...identity,
    ...(network === undefined ? {} : { network }),
    selector: spec?.selector ?? {},
    ports,
  };
}

/** Undefined when it is out of scope. */
export function workloadViewOf(
  { metadata, spec, status }: DeploymentObject,
  scope: PublishScope,
  { labels: keys }: Conventions,
): WorkloadView | undefined {
  const identity = identityOf(metadata.labels ?? {}, keys, scope);
  if (identity === undefined) return undefined;
  const observed = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  return { name: metadata.name, ...identity, replicas: spec?.replicas ?? 1, observed };
}

function identityOf(
  labels: Readonly<Record<string, string>>,
  keys: Conventions['labels'],
  scope: PublishScope,
): { readonly color: string; readonly sc: string } | undefined {
  const color = labels[keys.color] ?? 'stable';
  const sc = labels[keys.sc] ?? '';
  if (labels[keys.debug] !== undefined) return undefined;
  if (scope.color !== undefined && scope.color !== color) return undefined;
  if (scope.sc !== undefined && scope.sc !== sc) return undefined;
  return { color, sc };
}
