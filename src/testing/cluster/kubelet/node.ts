// The Node objects of an embedded cluster.
import { availableParallelism, totalmem } from 'node:os';
import type { NodeCondition, NodeStatus } from 'kubernetes-types/core/v1.js';
import { getOf, kinds, timeText, type NodeObject } from '../controllers/objects.js';
import type { ClusterStore } from '../store.js';

export interface NodeDescription {
  readonly name: string;
  readonly address: string;
  /** `topology.kubernetes.io/zone`. */
  readonly zone: string;
  /** Kubernetes version, `v1.34.4`. */
  readonly version: string;
}

const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' };
const lost = {
  type: 'Ready',
  status: 'Unknown',
  reason: 'NodeStatusUnknown',
  message: 'Kubelet stopped posting node status.',
};

export function nodeObject({ name, address, zone, version }: NodeDescription): NodeObject {
  const capacity = { cpu: String(availableParallelism()), memory: `${Math.floor(totalmem() / 1_024)}Ki`, pods: '110' };
  const labels = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': process.arch === 'x64' ? 'amd64' : process.arch,
    'topology.kubernetes.io/zone': zone,
  };
  const status: NodeStatus = {
    capacity,
    allocatable: capacity,
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: name },
    ],
    nodeInfo: {
      machineID: '',
      systemUUID: '',
      bootID: '',
      kernelVersion: '',
      osImage: 'local processes',
      containerRuntimeVersion: 'process://1',
      kubeletVersion: version,
      kubeProxyVersion: version,
      operatingSystem: 'linux',
      architecture: labels['kubernetes.io/arch'],
    },
  };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: {}, status };
}

/** Says in the Node's status whether its kubelet reports. */
export function writeNodeReady(store: ClusterStore, name: string, isReady: boolean): void {
  const node = getOf(store, kinds.nodes, '', name);
  if (node === undefined) return;
  const at = timeText(Date.now());
  const conditions = node.status?.conditions ?? [];
  const former = conditions.find(({ type }) => type === 'Ready');
  const next = isReady ? ready : lost;
  const lastTransitionTime = former?.status === next.status ? (former.lastTransitionTime ?? at) : at;
  const condition: NodeCondition = { ...next, lastHeartbeatTime: at, lastTransitionTime };
  const status = { ...node.status, conditions: [...conditions.filter(({ type }) => type !== 'Ready'), condition] };
  store.update(kinds.nodes.resource, { ...node, status }, isReady ? 'kubelet' : 'node-controller', 'status');
}
