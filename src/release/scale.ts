import { YouzanKubeError } from '../conventions/index.js';
import { isKubeError, type KubeWriter, resources } from '../kube/index.js';
import { fieldManagers } from './deployment.js';

export interface ScaleOptions {
  readonly client: KubeWriter & { readonly name?: string };
  readonly namespace: string;
  /** Name of the Deployment. */
  readonly name: string;
  readonly replicas: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sets a Deployment's replicas, by server-side apply of this one field under a manager of its own, so that no release
 * ever changes them. Takes the field from nobody.
 *
 * @throws YouzanKubeError `SCALE_NOT_OWNER` when another manager, such as an autoscaler, owns the replicas.
 *
 * @example
 * await scale({ client, namespace: 'trade', name: 'trade-core', replicas: 3 });
 */
export async function scale({ client, namespace, name, replicas, signal }: ScaleOptions): Promise<void> {
  const path = `${client.name ?? '-'}/${name}`;
  if (!Number.isInteger(replicas) || replicas < 0) {
    throw new YouzanKubeError('SCALE_INVALID', `replicas is ${replicas}; allowed: a whole number of at least 0`, {
      path,
    });
  }
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec: { replicas } };
  try {
    await client.apply(resources.deployments, object, { fieldManager: fieldManagers.scale, signal });
  } catch (error) {
    if (!isKubeError(error, 'KUBE_CONFLICT')) throw error;
    throw new YouzanKubeError(
      'SCALE_NOT_OWNER',
      `the replicas of ${name} belong to another manager: ${error.message}`,
      {
        path,
        hint: "change them there (an autoscaler's bounds, a manual scale), or let that manager give the field up",
        cause: error,
      },
    );
  }
}
