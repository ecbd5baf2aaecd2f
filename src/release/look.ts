import type { Conventions } from '../conventions/index.js';
import type { Gateway } from '../gateways/index.js';
import { type KubeClient, resources } from '../kube/index.js';
import { observePublished } from '../publish/index.js';
import type { Applied } from './apply-bundle.js';
import type { DeploymentObject, ReplicaSetObject } from './deployment.js';
import type { ReleaseTarget } from './plan.js';
import { rolloutOf } from './rollout.js';
import type { Sight } from './state.js';

export interface LookOptions {
  readonly client: KubeClient;
  readonly gateways: readonly Gateway[];
  readonly app: string;
  readonly target: ReleaseTarget;
  readonly applied: Applied;
  readonly conventions: Conventions;
  readonly signal?: AbortSignal | undefined;
}

const timeoutMs = 3000;

/** One look at a cluster: how far the rollout is, and whether its pods are published. Only reads. */
export async function lookAt(options: LookOptions): Promise<Sight> {
  const { client, gateways, app, target, applied, conventions, signal } = options;
  const { namespace, deployment: name, idc, cluster, color, sc } = target;
  const labelSelector = `${conventions.labels.app}=${app}`;
  const call = { signal, timeoutMs };
  const [deployment, sets] = await Promise.all([
    client.get<DeploymentObject>(resources.deployments, { namespace, name }, call),
    client.list<ReplicaSetObject>(resources.replicaSets, { namespace, labelSelector, ...call }),
  ]);
  const rollout = rolloutOf(deployment, sets.items, applied);
  const { templateHash } = rollout;
  if (templateHash === undefined) return { rollout };
  const scope = { namespace, app, color, sc, templateHash };
  return {
    rollout,
    published: await observePublished({ ...scope, ...call, client, gateways, idc, cluster, conventions }),
  };
}
