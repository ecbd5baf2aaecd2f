import type { PodSpec } from 'kubernetes-types/core/v1.js';
import type {
  DeploymentObject,
  NodeObject,
  PodObject,
  ReplicaSetObject,
  ServiceObject,
} from '../../../src/testing/cluster/controllers/objects.js';

export const labels = { app: 'web' };
export const command = ['/bin/sh', '-c', 'exec sleep 1000'];

/** A pod as the kubelet would have written it. */
export function pod(
  name: string,
  options: { ready?: boolean; ip?: string; spec?: Partial<PodSpec>; readySince?: string } = {},
): PodObject {
  const { ready = true, ip = '127.1.1.2', spec, readySince = '2026-01-01T00:00:00Z' } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, labels, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'app', command }], ...spec },
    status: {
      phase: 'Running',
      podIP: ip,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: readySince }],
    },
  };
}

export function replicaSet(replicas: number, spec: Partial<ReplicaSetObject['spec']> = {}): ReplicaSetObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web-1', namespace: 'default', uid: 'uid-web-1', generation: 1 },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels } }, ...spec },
  };
}

export function deployment(
  name: string,
  spec: Partial<DeploymentObject['spec']> = {},
  container: object = {},
): DeploymentObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image: 'app', command, ...container }] },
      },
      ...spec,
    },
  };
}

export function service(spec: Partial<ServiceObject['spec']> = {}): ServiceObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', uid: 'uid-service', labels: { 'youzan.com/app': 'web' } },
    spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec },
  };
}

export function node(
  name: string,
  options: { ready?: boolean; zone?: string; unschedulable?: boolean } = {},
): NodeObject {
  const { ready = true, zone = 'bc', unschedulable } = options;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
    spec: { ...(unschedulable !== undefined && { unschedulable }) },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] },
  };
}
