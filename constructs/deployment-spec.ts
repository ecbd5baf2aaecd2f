import { k8s } from 'cdk8s-plus-28';
import type { Conventions } from '../src/conventions/index.js';
import { podSpecOf } from './pod-spec.js';
import type { AppRuntime } from './runtime.js';
import type { Workload } from './workload.js';
import type { YouzanAppProps } from './youzan-app-props.js';

/** Kubernetes' own default; a rollout whose pods need longer to get available has a longer one. */
const progressDeadlineSeconds = 600;

/** A Deployment's spec without replicas: an old pod goes only when a new one is ready and has had time to be published. */
export function deploymentSpecOf(
  props: YouzanAppProps,
  conventions: Conventions,
  runtime: AppRuntime,
  { labels, selector }: Workload,
): k8s.DeploymentSpec {
  const serving = props.debug !== true;
  const minReadySeconds = serving ? (props.publishDeadlineSeconds ?? conventions.publishDeadlineSeconds) : undefined;
  const startSeconds = (runtime.hooks?.budgetSeconds.postStart ?? 0) + (minReadySeconds ?? 0);
  return {
    selector: { matchLabels: selector },
    minReadySeconds,
    progressDeadlineSeconds: Math.max(progressDeadlineSeconds, 2 * startSeconds),
    strategy: {
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
    },
    template: {
      metadata: { labels, annotations: annotationsOf(props) },
      spec: podSpecOf(props, conventions, runtime),
    },
  };
}

const networkAnnotations = { default: 'v1.multus-cni.io/default-network', second: 'k8s.v1.cni.cncf.io/networks' };

function annotationsOf({ macvlan }: YouzanAppProps): Record<string, string> | undefined {
  return macvlan === undefined ? undefined : { [networkAnnotations[macvlan.as ?? 'default']]: macvlan.network };
}
