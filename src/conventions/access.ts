/** One permission in a cluster, and what it is needed for. */
export interface AccessRule {
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
  readonly why: string;
}

/** What a part of this library that runs may do: in its own namespace, in those of the apps, and beside them. */
export interface Access {
  readonly own: readonly AccessRule[];
  readonly apps: readonly AccessRule[];
  /** Of what belongs to no namespace; only for a part that sees all namespaces. It works without, and says what it lacks. */
  readonly cluster: readonly AccessRule[];
}

export type AccessRole = 'k8s-sync' | 'release';

/** The least that each part needs: a rule less, and it fails with an error that names what is missing. */
export const accessRules: Readonly<Record<AccessRole, Access>> = {
  'k8s-sync': {
    own: [
      {
        group: 'coordination.k8s.io',
        resource: 'leases',
        verbs: ['get', 'create', 'update'],
        why: 'one syncer a cluster leads, and its renewals are the heartbeat',
      },
    ],
    apps: [
      {
        group: 'discovery.k8s.io',
        resource: 'endpointslices',
        verbs: ['list', 'watch'],
        why: 'the members',
      },
      {
        group: '',
        resource: 'pods',
        verbs: ['get', 'list', 'watch'],
        why: 'proof of a removal: gone, terminating or finished; and addresses in a second network',
      },
      { group: '', resource: 'services', verbs: ['get'], why: 'proof of a removal: the Service is gone' },
      {
        group: '',
        resource: 'events',
        verbs: ['create', 'patch'],
        why: 'what a guard holds, on the Service; it works without',
      },
    ],
    cluster: [
      { group: '', resource: 'nodes', verbs: ['list', 'watch'], why: 'the guard of nodes that are lost together' },
    ],
  },
  release: {
    own: [],
    apps: [
      {
        group: 'apps',
        resource: 'deployments',
        verbs: ['get', 'list', 'create', 'patch'],
        why: 'apply, replicas, hold and resume',
      },
      { group: 'apps', resource: 'replicasets', verbs: ['list'], why: 'which pods are of the released template' },
      {
        group: '',
        resource: 'services',
        verbs: ['get', 'list', 'create', 'patch', 'delete'],
        why: 'apply; deleted when a bundle no longer has it',
      },
      {
        group: 'policy',
        resource: 'poddisruptionbudgets',
        verbs: ['get', 'create', 'patch', 'delete'],
        why: 'apply; deleted when a bundle no longer has it',
      },
      {
        group: 'batch',
        resource: 'cronjobs',
        verbs: ['get', 'create', 'patch', 'delete'],
        why: 'apply; deleted when a bundle no longer has it',
      },
      {
        group: 'autoscaling',
        resource: 'horizontalpodautoscalers',
        verbs: ['get', 'create', 'patch', 'delete'],
        why: 'apply; deleted when a bundle no longer has it',
      },
      {
        group: 'autoscaling.k8s.io',
        resource: 'verticalpodautoscalers',
        verbs: ['get', 'create', 'patch', 'delete'],
        why: 'apply; deleted when a bundle no longer has it',
      },
      {
        group: '',
        resource: 'secrets',
        verbs: ['list', 'create', 'patch', 'delete'],
        why: 'the stored bundles, for rollback',
      },
      { group: '', resource: 'pods', verbs: ['get', 'list'], why: 'the publish barrier; why a release failed' },
      { group: 'discovery.k8s.io', resource: 'endpointslices', verbs: ['list'], why: 'the publish barrier' },
      { group: '', resource: 'pods/log', verbs: ['get'], why: 'why a release failed' },
      { group: '', resource: 'events', verbs: ['list'], why: 'why a release failed' },
    ],
    cluster: [],
  },
};
