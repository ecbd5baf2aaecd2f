/** What becomes of a field that YouzanApp has not, or has otherwise; the first line that fits counts. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/^status/, 'written by the server'],
  [
    /^metadata\.(uid|resourceVersion|generation|creationTimestamp|managedFields|selfLink|finalizers|ownerReferences)/,
    'written by the server',
  ],
  [
    /^metadata\.annotations\["(deployment\.kubernetes\.io|kubectl\.kubernetes\.io)\//,
    'written by the server or kubectl',
  ],
  [
    /^metadata\.(labels|annotations)|^spec\.template\.metadata\./,
    'the conventions have labels and annotations of their own: tell whoever selects by it',
  ],
  [/^spec\.replicas$/, 'no bundle has replicas: stays as it is in the cluster, and app.yaml has it for a new one'],
  [
    /^spec\.(strategy|minReadySeconds|progressDeadlineSeconds|revisionHistoryLimit|paused)/,
    'a release is gated by the gateway: its rollout is always the same',
  ],
  [
    /^spec\.template\.spec\.containers\[\(main\)\]\.(command|args)/,
    'started by the entrypoint of the rich container: app.yaml has it',
  ],
  [
    /^spec\.template\.spec\.containers\[\(main\)\]\.(name|ports)/,
    'a port is named after its role, and the container "app"',
  ],
  [
    /^spec\.template\.spec\.containers\[\(main\)\]\.(readiness|liveness|startup)Probe/,
    'app.yaml has probes and hooks of its own form',
  ],
  [/^spec\.template\.spec\.containers\[\(main\)\]\.lifecycle/, "write it as a step of app.yaml's hooks"],
  [
    /^spec\.template\.spec\.containers\[\(main\)\]\.env\[[^\]]*\]\.valueFrom|\.envFrom/,
    'app.yaml has values only: write the values, or let the app read its configuration itself',
  ],
  [/^spec\.template\.spec\.containers\[\(main\)\]\.env/, 'set by the conventions in every container'],
  [/\.resources\./, 'app.yaml has cpu and memory only'],
  [/^spec\.template\.spec\.containers\[\(main\)\]/, 'YouzanApp has no such field: decide whether the app needs it'],
  [
    /^spec\.template\.spec\.containers\[/,
    "a rich container runs everything in one image: put it in the app's image and write it as a helper",
  ],
  [
    /^spec\.template\.spec\.initContainers/,
    'do it in the image, or in a helper that is ready when it is done and after which the app starts',
  ],
  [
    /^spec\.template\.spec\.(volumes|volumeClaimTemplates)|\.volumeMounts/,
    'YouzanApp has no volumes: put files into the image, or use YouzanStatefulApp for data',
  ],
  [
    /^spec\.template\.spec\.(nodeSelector|affinity|tolerations|topologySpreadConstraints|priorityClassName)/,
    'say it by the prop `scheduling`',
  ],
  [
    /^spec\.template\.spec\.(serviceAccount|serviceAccountName|imagePullSecrets|automountServiceAccountToken)/,
    "the namespace's default service account is used: give it the rights and the pull secret",
  ],
  [/^spec\.template\.spec\.terminationGracePeriodSeconds/, 'computed from the hooks and their deadlines'],
  [
    /^spec\.template\.spec\.enableServiceLinks/,
    'always off: variables for every Service would grow with the namespace',
  ],
  [/^spec\.template\.spec\./, 'YouzanApp has no such field: decide whether the app needs it'],
  [
    /^spec\.(clusterIPs?|ipFamilies|ipFamilyPolicy|healthCheckNodePort)|\.nodePort$/,
    'given by the server, stays as it is',
  ],
  [
    /^spec\.(type|externalTrafficPolicy|loadBalancer\w*|allocateLoadBalancerNodePorts|externalIPs|sessionAffinity\w*)/,
    'traffic from outside comes by the gateway, pod by pod',
  ],
  [/^spec\.selector/, "becomes the Deployment's: pods of other workloads behind this Service lose its traffic"],
  [/^spec\.ports/, 'a port is named after its role'],
];

export const reasonOf = (path: string): string =>
  reasons.find(([pattern]) => pattern.test(path))?.[1] ??
  'YouzanApp has no such field: decide whether the app needs it';

/** What the API sets where nothing is said: leaving it out keeps it. */
const defaults: readonly (readonly [RegExp, unknown])[] = [
  [/\.dnsPolicy$/, 'ClusterFirst'],
  [/\.restartPolicy$/, 'Always'],
  [/\.schedulerName$/, 'default-scheduler'],
  [/\.terminationMessagePath$/, '/dev/termination-log'],
  [/\.terminationMessagePolicy$/, 'File'],
  [/\.imagePullPolicy$/, 'IfNotPresent'],
  [/\.protocol$/, 'TCP'],
  [/\.securityContext$/, '{}'],
  [/\.resources$/, '{}'],
  [/\.creationTimestamp$/, null],
  [/^spec\.revisionHistoryLimit$/, 10],
  [/Probe\.successThreshold$/, 1],
  [/Probe\.httpGet\.scheme$/, 'HTTP'],
  [/^spec\.sessionAffinity$/, 'None'],
  [/^spec\.type$/, 'ClusterIP'],
  [/^spec\.internalTrafficPolicy$/, 'Cluster'],
];

export const isDefault = (path: string, value: unknown): boolean =>
  defaults.some(([pattern, set]) => pattern.test(path) && (set === value || JSON.stringify(value) === set));
