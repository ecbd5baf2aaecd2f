import type { Container, Lifecycle, LifecycleHandler, Probe } from 'kubernetes-types/core/v1.js';
import { containerOf, type PodObject } from '../controllers/objects.js';
import { isKnownField } from './environment.js';

function handlers(lifecycle: Lifecycle | undefined): LifecycleHandler[] {
  return [lifecycle?.postStart, lifecycle?.preStop].filter((handler) => handler !== undefined);
}

function probes(container: Container): Probe[] {
  return [container.startupProbe, container.readinessProbe, container.livenessProbe].filter(
    (probe) => probe !== undefined,
  );
}

/**
 * What in this pod the embedded kubelet can't run, as a sentence for the pod's status; undefined when it can run all.
 * Image, resources, security context and working directory have no meaning for a local process and are ignored.
 */
export function refusalOf(pod: PodObject): string | undefined {
  const { containers, initContainers = [], volumes = [] } = pod.spec;
  const container = containerOf(pod);
  const unknownEnv = (container.env ?? []).find(
    ({ valueFrom }) => valueFrom !== undefined && !isKnownField(valueFrom.fieldRef?.fieldPath),
  );
  const refusals: [boolean, string][] = [
    [containers.length !== 1, `${containers.length} containers; it runs exactly one a pod`],
    [initContainers.length > 0, 'init containers'],
    [volumes.length > 0, 'volumes'],
    [(container.command ?? []).length === 0, 'a container without `command`: there are no images'],
    [(container.envFrom ?? []).length > 0, '`envFrom`'],
    [unknownEnv !== undefined, `env ${unknownEnv?.name ?? ''} from anything but a field of the pod`],
    [handlers(container.lifecycle).some(({ exec }) => exec === undefined), 'lifecycle hooks other than exec'],
    [probes(container).some(({ grpc }) => grpc !== undefined), 'gRPC probes'],
  ];
  const refused = refusals.filter(([applies]) => applies).map(([, what]) => what);
  return refused.length === 0 ? undefined : `the embedded kubelet does not run ${refused.join('; ')}`;
}
