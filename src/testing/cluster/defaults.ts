import type { KubeObject } from '../../kube/object.js';
import { isMap, listAt, mapAt, valueAt, type JsonMap } from './json.js';

/** Sets what is absent; a nested map is filled, not replaced. */
function fill(target: JsonMap, defaults: JsonMap): JsonMap {
  for (const [key, value] of Object.entries(defaults)) {
    if (target[key] === undefined) target[key] = structuredClone(value);
    else if (isMap(target[key]) && isMap(value)) fill(target[key], value);
  }
  return target;
}

const maps = (value: unknown, ...keys: readonly string[]): JsonMap[] => listAt(value, ...keys).filter(isMap);

const probeDefaults = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };

function defaultContainer(container: JsonMap): void {
  const image = typeof container['image'] === 'string' ? container['image'] : '';
  const tag = /:([^:/@]+)$/.exec(image)?.[1];
  fill(container, {
    imagePullPolicy: !image.includes('@') && (tag === undefined || tag === 'latest') ? 'Always' : 'IfNotPresent',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
  for (const port of maps(container, 'ports')) fill(port, { protocol: 'TCP' });
  for (const item of maps(container, 'env')) {
    if (isMap(valueAt(item, 'valueFrom', 'fieldRef'))) fill(mapAt(item, 'valueFrom', 'fieldRef'), { apiVersion: 'v1' });
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = container[name];
    if (!isMap(probe)) continue;
    fill(probe, probeDefaults);
    if (isMap(probe['httpGet'])) fill(probe['httpGet'], { path: '/', scheme: 'HTTP' });
  }
  for (const hook of ['postStart', 'preStop']) {
    const get = valueAt(container, 'lifecycle', hook, 'httpGet');
    if (isMap(get)) fill(get, { path: '/', scheme: 'HTTP' });
  }
}

function defaultPodSpec(spec: JsonMap): void {
  fill(spec, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  });
  for (const container of [...maps(spec, 'containers'), ...maps(spec, 'initContainers')]) defaultContainer(container);
}

const strategyDefaults = {
  replicas: 1,
  progressDeadlineSeconds: 600,
  revisionHistoryLimit: 10,
  strategy: { type: 'RollingUpdate' },
};

function foldStringData(object: JsonMap): void {
  const strings = object['stringData'];
  if (!isMap(strings)) return;
  const data = (object['data'] = { ...mapAt(object, 'data') });
  for (const [key, value] of Object.entries(strings)) data[key] = Buffer.from(String(value)).toString('base64');
  delete object['stringData'];
}

const byKind: Readonly<Record<string, (object: KubeObject) => void>> = {
  Pod: (pod) => {
    const spec = (pod['spec'] = mapAt(pod, 'spec'));
    defaultPodSpec(spec);
    fill(spec, { enableServiceLinks: true });
    const ip = valueAt(pod, 'status', 'podIP');
    if (typeof ip === 'string') fill(mapAt(pod, 'status'), { podIPs: [{ ip }] });
  },
  Deployment: (deployment) => {
    const spec = (deployment['spec'] = mapAt(deployment, 'spec'));
    fill(spec, strategyDefaults);
    const strategy = mapAt(spec, 'strategy');
    if (strategy['type'] === 'RollingUpdate')
      fill(strategy, { rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } });
    if (isMap(valueAt(spec, 'template', 'spec'))) defaultPodSpec(mapAt(spec, 'template', 'spec'));
  },
  ReplicaSet: (set) => {
    const spec = (set['spec'] = mapAt(set, 'spec'));
    fill(spec, { replicas: 1 });
    if (isMap(valueAt(spec, 'template', 'spec'))) defaultPodSpec(mapAt(spec, 'template', 'spec'));
  },
  Service: (service) => {
    const spec = (service['spec'] = mapAt(service, 'spec'));
    fill(spec, { type: 'ClusterIP', sessionAffinity: 'None' });
    if (spec['type'] !== 'ExternalName')
      fill(spec, { internalTrafficPolicy: 'Cluster', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
    for (const port of maps(spec, 'ports')) fill(port, { protocol: 'TCP', targetPort: port['port'] });
  },
  Secret: (secret) => {
    foldStringData(secret);
    fill(secret, { type: 'Opaque' });
  },
  EndpointSlice: (slice) => {
    for (const list of ['endpoints', 'ports']) if (listAt(slice, list).length === 0) slice[list] = null;
    for (const port of maps(slice, 'ports')) fill(port, { name: '', protocol: 'TCP' });
  },
  Endpoints: (endpoints) => {
    for (const subset of maps(endpoints, 'subsets'))
      for (const port of maps(subset, 'ports')) fill(port, { protocol: 'TCP' });
  },
  Namespace: (namespace) => {
    fill(namespace, { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
    namespace.metadata.labels = {
      ...namespace.metadata.labels,
      'kubernetes.io/metadata.name': namespace.metadata.name,
    };
  },
};

/** Fills in what the API server would: changes `object`, which must be the caller's own. */
export function applyDefaults(object: KubeObject): void {
  byKind[object.kind]?.(object);
}
