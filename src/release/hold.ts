// Holding a rollout: `spec.paused` under a field manager of its own, so that it can be given up without touching anything else.
import { type KubeObject, type KubeWriter, resources } from '../kube/index.js';
import { type DeploymentObject, fieldManagers } from './deployment.js';

interface HoldOptions {
  readonly namespace: string;
  readonly deployment: string;
  readonly signal?: AbortSignal | undefined;
}

const bare = ({ namespace, deployment }: HoldOptions): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: deployment, namespace },
});

/** The controller takes no further step. */
export async function holdRollout(client: KubeWriter, options: HoldOptions): Promise<void> {
  const object = { ...bare(options), spec: { paused: true } };
  await client.apply(resources.deployments, object, { fieldManager: fieldManagers.gate, signal: options.signal });
}

/** Ends what {@link holdRollout} began; a pause by someone else stays. */
export async function resumeRollout(client: KubeWriter, options: HoldOptions): Promise<void> {
  await client.apply(resources.deployments, bare(options), {
    fieldManager: fieldManagers.gate,
    signal: options.signal,
  });
}

export function isHeldByUs({ metadata }: DeploymentObject): boolean {
  return (metadata.managedFields ?? []).some(
    (entry) =>
      typeof entry === 'object' && entry !== null && 'manager' in entry && entry.manager === fieldManagers.gate,
  );
}
