import type { KubeObject } from '../../src/kube/index.js';
import type { ReleaseBundle } from '../../src/release/index.js';

export const app = 'trade-core';
export const namespace = 'default';

const labels = (cluster: string): Record<string, string> => ({
  'app.kubernetes.io/name': app,
  'app.kubernetes.io/managed-by': 'youzan-kube',
  'youzan.com/app': app,
  'youzan.com/cluster': cluster,
  'youzan.com/color': 'stable',
  'youzan.com/env': 'prod',
  'youzan.com/idc': 'bc',
});
const selector = { 'youzan.com/app': app, 'youzan.com/color': 'stable' };

export interface BundleChange {
  readonly minReadySeconds?: number;
  readonly container?: object;
  readonly spec?: object;
  readonly more?: readonly KubeObject[];
  readonly replicas?: number;
  readonly idc?: string;
}

/** A bundle like the constructs' own, whose pods only sleep. */
export function bundle(cluster: string, version: string, change: BundleChange = {}): ReleaseBundle {
  const { minReadySeconds = 3, container = {}, spec = {}, more = [], replicas, idc = 'bc' } = change;
  const deployment: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: app, namespace, labels: { ...labels(cluster), 'app.kubernetes.io/version': version } },
    spec: {
      minReadySeconds,
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: { ...labels(cluster), 'app.kubernetes.io/version': version } },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'app',
              image: `app:${version}`,
              command: ['/bin/sh', '-c', 'exec sleep 1000'],
              ports: [{ name: 'http', containerPort: 8030 }],
              ...container,
            },
          ],
        },
      },
      ...spec,
    },
  };
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: app, namespace, labels: labels(cluster) },
    spec: { selector, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  };
  return {
    cluster,
    idc,
    namespace,
    objects: [service, deployment, ...more],
    ...(replicas === undefined ? {} : { replicas }),
  };
}
