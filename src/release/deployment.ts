import type { KubeObject } from '../kube/index.js';

/** What a release reads of a Deployment. */
export interface DeploymentObject extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly minReadySeconds?: number;
    readonly strategy?: { readonly type?: string; readonly rollingUpdate?: { readonly maxUnavailable?: unknown } };
    readonly template: PodTemplate;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  /** RFC 3339. */
  readonly lastUpdateTime?: string;
}

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

export interface ReplicaSetObject extends KubeObject {
  readonly spec: { readonly template: PodTemplate };
}

export const hashLabel = 'pod-template-hash';

/** A Deployment is told by its kind; only then are its fields read. */
export function isDeployment(object: KubeObject): object is DeploymentObject {
  return object.kind === 'Deployment' && object.apiVersion === 'apps/v1' && typeof object['spec'] === 'object';
}

/** Field managers: each owns one concern. */
export const fieldManagers = {
  release: 'youzan-kube-release',
  /** Owns `spec.replicas`. */
  scale: 'youzan-kube-scale',
  /** Owns `spec.paused` while a rollout is held. */
  gate: 'youzan-kube-gate',
} as const;
