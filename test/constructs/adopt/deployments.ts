import type { ManifestObject } from '../../../constructs/index.js';

/** What a Deployment has beside its app's own container. */
export interface FormerPod {
  readonly container?: object;
  readonly pod?: object;
  readonly spec?: object;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A Deployment as `kubectl get -o yaml` gives it, of an app that knows nothing of the platform. */
export function deploymentOf({ container, pod, spec, labels = { app: 'shop' } }: FormerPod = {}): ManifestObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'shop-web',
      namespace: 'shop',
      labels,
      annotations: { 'deployment.kubernetes.io/revision': '7' },
      ...{ uid: 'f3b1', resourceVersion: '4711', generation: 7, creationTimestamp: '2021-03-04T05:06:07Z' },
    },
    spec: {
      replicas: 3,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: {
        metadata: { creationTimestamp: null, labels },
        spec: {
          dnsPolicy: 'ClusterFirst',
          restartPolicy: 'Always',
          schedulerName: 'default-scheduler',
          securityContext: {},
          terminationGracePeriodSeconds: 30,
          containers: [
            {
              name: 'web',
              image: 'registry.example/shop:2.3.0',
              imagePullPolicy: 'IfNotPresent',
              command: ['node', 'server.js'],
              ports: [{ name: 'web', containerPort: 8080, protocol: 'TCP' }],
              env: [{ name: 'LEVEL', value: 'info' }],
              resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
              ...container,
            },
          ],
          ...pod,
        },
      },
      ...spec,
    },
    status: { observedGeneration: 7, replicas: 3, conditions: [{ type: 'Available', status: 'True' }] },
  };
}

/** Its Service. */
export function serviceOf(spec: object = {}): ManifestObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'shop', namespace: 'shop' },
    spec: {
      clusterIP: '10.96.3.4',
      clusterIPs: ['10.96.3.4'],
      type: 'ClusterIP',
      sessionAffinity: 'None',
      selector: { app: 'shop' },
      ports: [{ name: 'web', port: 80, protocol: 'TCP', targetPort: 8080 }],
      ...spec,
    },
    status: { loadBalancer: {} },
  };
}
