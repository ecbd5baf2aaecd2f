// Nodes that are only objects: KWOK says that they are ready, and that whatever is put on them runs.
import { readFileSync } from 'node:fs';
import { connectApi } from '../../contract/kubernetes/client.js';
import { LabError } from '../lab-error.js';
import { podRange } from '../network/addresses.js';
import { waitFor } from '../processes/wait.js';
import type { ControlPlaneSpec } from './control-plane-spec.js';

const annotation = 'kwok.x-k8s.io/node';

const node = (name: string, idc: string): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    annotations: { [annotation]: 'fake' },
    labels: {
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'topology.kubernetes.io/zone': idc,
      type: 'kwok',
    },
  },
});

interface NodeList {
  readonly items?: readonly {
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

const readyCount = ({ items = [] }: NodeList): number =>
  items.filter(({ status }) => status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
    .length;

export interface ScaleSpec {
  /** The cluster's number in its lab. */
  readonly number: number;
  readonly idc: string;
  readonly kwok: string;
  readonly kubeconfig: string;
}

/** Starts KWOK for one cluster. Gives what makes nodes until there are so many and all are ready. */
export function createScale(
  spec: ControlPlaneSpec,
  { number, idc, kwok, kubeconfig }: ScaleSpec,
): (count: number) => Promise<void> {
  const { cluster } = spec;
  const process = spec.start({
    name: 'kwok',
    command: [
      kwok,
      `--kubeconfig=${kubeconfig}`,
      '--manage-all-nodes=false',
      `--manage-nodes-with-annotation-selector=${annotation}=fake`,
      `--cidr=${podRange(number)}`,
      `--node-ip=${spec.address}`,
      '--node-lease-duration-seconds=40',
      '--server-address=127.0.0.1:10247',
    ],
  });
  let made = 0;
  return async (count) => {
    const api = connectApi(readFileSync(kubeconfig, 'utf8'));
    try {
      while (made < count) {
        made += 1;
        const { status, text } = await api.post('/api/v1/nodes', node(`${cluster}-kwok-${made}`, idc));
        if (status !== 201) throw new LabError(`${cluster}: could not create a node: ${status} ${text}`);
      }
      const ready = async (): Promise<boolean> => {
        const { body } = await api.get('/api/v1/nodes', { labelSelector: 'type=kwok' });
        const now = readyCount(body);
        if (now >= count) return true;
        throw new Error(`${now} are ready`);
      };
      await waitFor(`${count} KWOK nodes of ${cluster} are ready`, ready, { deadlineMs: 60_000, processes: [process] });
    } finally {
      api.close();
    }
  };
}
