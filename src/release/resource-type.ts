import { apiVersionOf, type KubeObject, type ResourceType, resources } from '../kube/index.js';

const further = (group: string, version: string, plural: string, kind: string): ResourceType => ({
  group,
  version,
  plural,
  kind,
  namespaced: true,
});

/** Namespaced kinds that a bundle may hold. */
const bundleTypes: readonly ResourceType[] = [
  ...Object.values(resources).filter(({ namespaced }) => namespaced),
  further('', 'v1', 'serviceaccounts', 'ServiceAccount'),
  further('apps', 'v1', 'statefulsets', 'StatefulSet'),
  further('apps', 'v1', 'daemonsets', 'DaemonSet'),
  further('batch', 'v1', 'jobs', 'Job'),
  further('batch', 'v1', 'cronjobs', 'CronJob'),
  further('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'),
  further('autoscaling.k8s.io', 'v1', 'verticalpodautoscalers', 'VerticalPodAutoscaler'),
  further('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  further('networking.k8s.io', 'v1', 'ingresses', 'Ingress'),
  further('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy'),
];

/** Undefined for a kind that a bundle may not hold. */
export function resourceTypeOf({
  apiVersion,
  kind,
}: Pick<KubeObject, 'apiVersion' | 'kind'>): ResourceType | undefined {
  return bundleTypes.find((type) => type.kind === kind && apiVersionOf(type) === apiVersion);
}

/** `apps/v1 Deployment trade-core`: what one object of a bundle is. */
export function objectKey({ apiVersion, kind, metadata }: KubeObject): string {
  return `${apiVersion} ${kind} ${metadata.name}`;
}
