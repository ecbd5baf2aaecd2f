import type { KubeObject } from '../kube/index.js';

interface Autoscaler extends KubeObject {
  readonly spec: { readonly scaleTargetRef?: { readonly kind?: unknown; readonly name?: unknown } };
}

function isAutoscaler(object: KubeObject): object is Autoscaler {
  return object.kind === 'HorizontalPodAutoscaler' && typeof object['spec'] === 'object' && object['spec'] !== null;
}

/** True when one of these objects is an autoscaler of this Deployment: its replicas are nobody else's then. */
export function isAutoscaled(objects: readonly KubeObject[], deployment: string): boolean {
  return objects
    .filter(isAutoscaler)
    .some(({ spec: { scaleTargetRef: target } }) => target?.kind === 'Deployment' && target.name === deployment);
}
