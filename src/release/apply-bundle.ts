import { type Conventions, isYouzanKubeError } from '../conventions/index.js';
import { isKubeError, type KubeClient, type KubeObject, resources } from '../kube/index.js';
import { type DeploymentObject, fieldManagers, isDeployment, type PodTemplate } from './deployment.js';
import { isHeldByUs, resumeRollout } from './hold.js';
import type { ReleaseTarget } from './plan.js';
import { objectKey, resourceTypeOf } from './resource-type.js';
import { stalledBefore } from './rollout.js';
import { scale } from './scale.js';
import type { ReleaseFailure } from './state.js';
import { beginStored, listReleases, type StoredRelease } from './store/index.js';

/** What a release keeps in mind of a cluster between its effects. */
export interface Applied {
  readonly secret: string;
  readonly revision: number;
  /** The stored releases before this one, newest first. */
  readonly former: readonly StoredRelease[];
  /** UID of the Deployment. */
  readonly uid: string;
  /** The pod template with all defaults, as the API answered it. */
  readonly template: PodTemplate;
  /** Marks what the controller still said of an earlier rollout, see {@link stalledBefore}. */
  readonly stalledBefore?: string | undefined;
}

export interface ApplyBundleOptions {
  readonly client: KubeClient;
  readonly app: string;
  readonly version: string;
  readonly target: ReleaseTarget;
  readonly conventions: Conventions;
  readonly signal?: AbortSignal | undefined;
}

/** An apply that did not come to its end. */
export interface ApplyFailure {
  readonly failure: ReleaseFailure;
  /** The Deployment may already have the new template. */
  readonly rolling: boolean;
  readonly secret?: string | undefined;
}

/**
 * Stores the bundle, then applies it, the Deployment last: server-side, never by force. Replicas are set only for a
 * Deployment that is new. A rollout that an earlier release has paused goes on only when the new template is in place.
 */
export async function applyBundle(options: ApplyBundleOptions): Promise<Applied | ApplyFailure> {
  const { client, app, version, target, conventions, signal } = options;
  const { namespace, deployment: name, replicas } = target;
  let secret: string | undefined;
  let rolling = false;
  let what = 'the stored releases';
  try {
    const [former, before] = await Promise.all([
      listReleases({ client, namespace, app, deployment: name, conventions, signal }),
      deploymentOrNone(client, namespace, name, signal),
    ]);
    const stored = await beginStored({ client, app, version, target, former, conventions, signal });
    secret = stored.name;
    for (const object of [...target.objects].sort(deploymentLast)) {
      what = objectKey(object);
      rolling ||= isDeployment(object);
      await applyObject(client, object, signal);
    }
    what = `the replicas of ${name}`;
    if (before === undefined && replicas !== undefined) await scale({ client, namespace, name, replicas, signal });
    what = `resuming ${name}`;
    let after = await client.get<DeploymentObject>(resources.deployments, { namespace, name }, { signal });
    if (isHeldByUs(after)) {
      await resumeRollout(client, { namespace, deployment: name, signal });
      after = await client.get<DeploymentObject>(resources.deployments, { namespace, name }, { signal });
    }
    const { uid = '' } = after.metadata;
    const others = former.filter((release) => release.name !== stored.name);
    const { template } = after.spec;
    return {
      secret,
      revision: stored.revision,
      former: others,
      uid,
      template,
      stalledBefore: before && stalledBefore(before),
    };
  } catch (error) {
    if (!isYouzanKubeError(error)) throw error;
    const aborted = signal?.aborted === true;
    const failure: ReleaseFailure = {
      code: aborted ? 'RELEASE_ABORTED' : 'RELEASE_APPLY_FAILED',
      message: aborted
        ? `${target.cluster}: the release was aborted`
        : `${target.cluster}: ${app} ${version} could not be applied, at ${what}: ${error.message}`,
      hint: isKubeError(error, 'KUBE_CONFLICT')
        ? 'another manager owns these fields: let it give them up, or leave them out of the bundle'
        : error.hint,
    };
    return { failure, rolling, secret };
  }
}

async function applyObject(client: KubeClient, object: KubeObject, signal: AbortSignal | undefined): Promise<void> {
  const type = resourceTypeOf(object);
  // A plan has only kinds of the table.
  if (type === undefined) throw new TypeError(`no resource for ${objectKey(object)}`);
  await client.apply(type, object, { fieldManager: fieldManagers.release, signal });
}

const deploymentLast = (left: KubeObject, right: KubeObject): number =>
  Number(isDeployment(left)) - Number(isDeployment(right));

async function deploymentOrNone(
  client: KubeClient,
  namespace: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<DeploymentObject | undefined> {
  try {
    return await client.get<DeploymentObject>(resources.deployments, { namespace, name }, { signal });
  } catch (error) {
    if (isKubeError(error, 'KUBE_NOT_FOUND')) return undefined;
    throw error;
  }
}
