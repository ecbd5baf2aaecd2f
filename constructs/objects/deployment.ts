import { k8s } from 'cdk8s-plus-28';
import { replicasAnnotation } from '../../src/conventions/index.js';
import { jsonOf } from '../pod/json.js';
import { podTemplateOf } from '../pod/pod-template.js';
import type { ObjectOf } from './app-objects.js';

/** Kubernetes' own default; a rollout whose pods need longer to get available has a longer one. */
const progressDeadlineSeconds = 600;

/** A Deployment without replicas: an old pod goes only when a new one is ready and has had time to be published. */
export const deploymentObject: ObjectOf = (context) => {
  const { props, conventions, runtime, workload, workloadKind } = context;
  if (workloadKind !== 'Deployment') return undefined;
  const minReadySeconds = props.publishDeadlineSeconds ?? conventions.publishDeadlineSeconds;
  const startSeconds = (runtime.hooks?.budgetSeconds.postStart ?? 0) + minReadySeconds;
  const { replicas } = props.spec;
  const spec = k8s.toJson_DeploymentSpec({
    selector: { matchLabels: workload.selector },
    minReadySeconds,
    progressDeadlineSeconds: Math.max(progressDeadlineSeconds, 2 * startSeconds),
    strategy: {
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
    },
    template: {},
  });
  return {
    id: 'deployment',
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: workload.name,
    labels: workload.labels,
    ...(replicas !== undefined && { annotations: { [replicasAnnotation(conventions)]: String(replicas) } }),
    body: { spec: { ...jsonOf(spec), template: podTemplateOf(context) } },
  };
};
