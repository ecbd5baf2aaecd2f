// Real pods as the tests of the lab see them, through the library's own client.
import { readFileSync } from 'node:fs';
import {
  createKubeClient,
  credentialsFromKubeconfig,
  resources,
  type KubeClient,
  type KubeObject,
} from '../../../src/kube/index.js';
import type { LabCluster } from '../cluster/lab-cluster.js';
import { waitFor } from '../processes/wait.js';

export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state: ContainerState;
  readonly lastState: ContainerState;
}

interface ContainerState {
  readonly running?: object;
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly terminated?: {
    readonly exitCode: number;
    readonly signal?: number;
    readonly reason: string;
    readonly message?: string;
  };
}

export interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export function clientOf({ name, kubeconfig }: LabCluster): KubeClient {
  const text = readFileSync(kubeconfig, 'utf8');
  return createKubeClient({ name, credentials: credentialsFromKubeconfig({ cluster: name, text }) });
}

export const isReady = (object: Pick<Pod, 'status'>): boolean =>
  object.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

export const containerOf = ({ status }: Pod, name = 'app'): ContainerStatus | undefined =>
  status.containerStatuses?.find((container) => container.name === name);

export async function podsOf(client: KubeClient, namespace: string, labelSelector: string): Promise<readonly Pod[]> {
  return (await client.list<Pod>(resources.pods, { namespace, labelSelector })).items;
}

/** The pods of a selector once there are so many and all are ready. */
export function readyPods(
  client: KubeClient,
  namespace: string,
  labelSelector: string,
  count: number,
  deadlineMs = 60_000,
): Promise<readonly Pod[]> {
  const look = async (): Promise<readonly Pod[]> => {
    const pods = await podsOf(client, namespace, labelSelector);
    const late = pods.filter((pod) => !isReady(pod));
    if (pods.length === count && late.length === 0) return pods;
    throw new Error(`${pods.length} pods, not ready: ${JSON.stringify(late.map(({ status }) => status))}`);
  };
  return waitFor(`${count} pods ${labelSelector} of ${client.name} are ready`, look, { deadlineMs, everyMs: 200 });
}
