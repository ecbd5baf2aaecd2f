import { apiVersionOf, resources, type ResourceType } from '../../kube/resource.js';

/** What the embedded API knows of a kind beside its address. */
export interface Kind {
  readonly type: ResourceType;
  readonly shortNames: readonly string[];
  readonly categories?: readonly string[];
  /** Top-level fields beside apiVersion, kind and metadata. */
  readonly fields: readonly string[];
  readonly status: boolean;
  readonly scale?: boolean;
  /** What makes `metadata.generation` grow: `spec`, `spec` and annotations, or everything. Absent: the kind has none. */
  readonly generation?: 'spec' | 'spec+annotations' | 'all';
  /** PUT without resourceVersion is refused. */
  readonly conditionalUpdate?: boolean;
}

const workload = ['spec', 'status'];

export const kinds: readonly Kind[] = [
  { type: resources.namespaces, shortNames: ['ns'], fields: workload, status: true },
  { type: resources.nodes, shortNames: ['no'], fields: workload, status: true },
  { type: resources.pods, shortNames: ['po'], categories: ['all'], fields: workload, status: true, generation: 'spec' },
  { type: resources.services, shortNames: ['svc'], categories: ['all'], fields: workload, status: true },
  { type: resources.endpoints, shortNames: ['ep'], fields: ['subsets'], status: false },
  {
    type: resources.secrets,
    shortNames: [],
    fields: ['data', 'stringData', 'type', 'immutable'],
    status: false,
  },
  { type: resources.configMaps, shortNames: ['cm'], fields: ['data', 'binaryData', 'immutable'], status: false },
  {
    type: resources.events,
    shortNames: ['ev'],
    fields: [
      'action',
      'count',
      'eventTime',
      'firstTimestamp',
      'involvedObject',
      'lastTimestamp',
      'message',
      'reason',
      'related',
      'reportingComponent',
      'reportingInstance',
      'series',
      'source',
      'type',
    ],
    status: false,
  },
  {
    type: resources.deployments,
    shortNames: ['deploy'],
    categories: ['all'],
    fields: workload,
    status: true,
    scale: true,
    generation: 'spec+annotations',
  },
  {
    type: resources.replicaSets,
    shortNames: ['rs'],
    categories: ['all'],
    fields: workload,
    status: true,
    scale: true,
    generation: 'spec',
  },
  {
    type: resources.endpointSlices,
    shortNames: [],
    fields: ['addressType', 'endpoints', 'ports'],
    status: false,
    generation: 'all',
  },
  {
    // Kept and never counted: what would count it, an eviction, is refused.
    type: {
      group: 'policy',
      version: 'v1',
      plural: 'poddisruptionbudgets',
      kind: 'PodDisruptionBudget',
      namespaced: true,
    },
    shortNames: ['pdb'],
    fields: workload,
    status: true,
    generation: 'spec',
  },
  { type: resources.leases, shortNames: [], fields: ['spec'], status: false, conditionalUpdate: true },
];

/** Kubernetes has these; here they are refused with 501 instead of a 404 that would say "no such kind". */
export const refusedKinds: Readonly<Record<string, readonly string[]>> = {
  'api/v1': [
    'bindings',
    'componentstatuses',
    'limitranges',
    'persistentvolumeclaims',
    'persistentvolumes',
    'podtemplates',
    'replicationcontrollers',
    'resourcequotas',
    'serviceaccounts',
  ],
  'apis/apps/v1': ['controllerrevisions', 'daemonsets', 'statefulsets'],
  'apis/autoscaling/v1': ['horizontalpodautoscalers'],
  'apis/autoscaling/v2': ['horizontalpodautoscalers'],
  'apis/batch/v1': ['cronjobs', 'jobs'],
  'apis/networking.k8s.io/v1': ['ingresses', 'ingressclasses', 'networkpolicies'],
  'apis/rbac.authorization.k8s.io/v1': ['clusterrolebindings', 'clusterroles', 'rolebindings', 'roles'],
  'apis/events.k8s.io/v1': ['events'],
  'apis/scheduling.k8s.io/v1': ['priorityclasses'],
  'apis/storage.k8s.io/v1': ['csidrivers', 'csinodes', 'storageclasses', 'volumeattachments'],
  'apis/apiextensions.k8s.io/v1': ['customresourcedefinitions'],
  'apis/apiregistration.k8s.io/v1': ['apiservices'],
  'apis/admissionregistration.k8s.io/v1': ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
  'apis/authentication.k8s.io/v1': ['tokenreviews', 'selfsubjectreviews'],
  'apis/authorization.k8s.io/v1': ['selfsubjectaccessreviews', 'subjectaccessreviews'],
  'apis/certificates.k8s.io/v1': ['certificatesigningrequests'],
};

/** `api/v1` or `apis/apps/v1`. */
export const rootOf = (type: ResourceType): string => `${type.group === '' ? 'api' : 'apis'}/${apiVersionOf(type)}`;

const byPath = new Map(kinds.map((kind) => [`${rootOf(kind.type)}/${kind.type.plural}`, kind]));
const byType = new Map(kinds.map((kind) => [`${kind.type.group}/${kind.type.plural}`, kind]));

export const kindAt = (root: string, plural: string): Kind | undefined => byPath.get(`${root}/${plural}`);

/** Throws for a type that the embedded cluster does not have. */
export function kindOf(type: ResourceType): Kind {
  const kind = byType.get(`${type.group}/${type.plural}`);
  if (kind === undefined) throw new TypeError(`the embedded cluster has no ${type.plural}`);
  return kind;
}
