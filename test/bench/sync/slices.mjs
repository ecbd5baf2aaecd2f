// EndpointSlices as a real endpoint slice controller writes them: with targetRef, zone, labels and managed fields.

const hex = (number, digits) => number.toString(16).padStart(digits, '0');
const uidOf = (kind, number) => `${hex(number, 8)}-7c1d-4e6a-9b1f-${kind}${hex(number * 7919, 11).slice(-11)}`;

const managedFields = [
  {
    manager: 'kube-controller-manager',
    operation: 'Update',
    apiVersion: 'discovery.k8s.io/v1',
    time: '2026-01-01T08:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:addressType': {},
      'f:endpoints': {},
      'f:metadata': {
        'f:annotations': { '.': {}, 'f:endpoints.kubernetes.io/last-change-trigger-time': {} },
        'f:generateName': {},
        'f:labels': {
          '.': {},
          'f:app.kubernetes.io/name': {},
          'f:endpointslice.kubernetes.io/managed-by': {},
          'f:kubernetes.io/service-name': {},
          'f:youzan.com/app': {},
          'f:youzan.com/color': {},
        },
        'f:ownerReferences': { '.': {}, 'k:{"uid":"7b0f6c1e-9d0a-4f43-8f0e-3f1f2f0f5a11"}': {} },
      },
      'f:ports': {},
    },
  },
];

export const appOf = (number) => `app-${String(number).padStart(5, '0')}`;

/** A pod's endpoint: the `pod`th that a cluster of this number ever had. */
export function endpointOf(cluster, app, pod, conditions = { ready: true, serving: true, terminating: false }) {
  return {
    addresses: [`10.${cluster * 64 + (pod >> 16)}.${(pod >> 8) & 255}.${pod & 255}`],
    conditions,
    nodeName: `node-${pod % 500}.bc.example`,
    targetRef: {
      kind: 'Pod',
      namespace: 'trade',
      name: `${app}-5d8f7c9b6f-${pod.toString(36).padStart(5, '0')}`,
      uid: uidOf('a', cluster * 2 ** 23 + pod),
    },
    zone: `bc-${pod % 3}`,
  };
}

export function sliceOf(number, endpoints, resourceVersion) {
  const app = appOf(number);
  return {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: {
      name: `${app}-x7k2p`,
      generateName: `${app}-`,
      namespace: 'trade',
      uid: uidOf('b', number),
      resourceVersion: String(resourceVersion),
      generation: 7,
      creationTimestamp: '2026-01-01T08:00:00Z',
      labels: {
        'app.kubernetes.io/name': app,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': app,
        'youzan.com/app': app,
        'youzan.com/color': 'stable',
      },
      annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T08:00:00Z' },
      ownerReferences: [
        {
          apiVersion: 'v1',
          kind: 'Service',
          name: app,
          uid: '7b0f6c1e-9d0a-4f43-8f0e-3f1f2f0f5a11',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields,
    },
    addressType: 'IPv4',
    endpoints,
    ports: [{ name: 'http', protocol: 'TCP', port: 8030 }],
  };
}

/** Slices of so many endpoints each; no two have a pod in common. */
export function slicesOf({ cluster = 0, slices, endpoints }) {
  return Array.from({ length: slices }, (_, number) =>
    sliceOf(
      number,
      Array.from({ length: endpoints }, (_each, at) => endpointOf(cluster, appOf(number), number * endpoints + at)),
      1000 + number,
    ),
  );
}
