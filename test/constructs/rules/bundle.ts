// A bundle that keeps every rule, and its objects to be changed one field at a time.
import type { ManifestObject, ValidateOptions } from '../../../constructs/index.js';

type Data = Readonly<Record<string, unknown>>;

export const labels = { 'youzan.com/app': 'trade-core', 'youzan.com/color': 'stable' };
export const metadata = { name: 'trade-core', namespace: 'trade', labels };
export const requests = { cpu: '500m', memory: '1Gi' };

export interface DeploymentParts {
  readonly metadata?: Data;
  readonly spec?: Data;
  readonly labels?: Data;
  readonly annotations?: Data;
  readonly pod?: Data;
  readonly container?: Data;
}

const container: Data = {
  name: 'app',
  image: 'registry.example:5000/trade-core:1.4.0',
  ports: [
    { name: 'http', containerPort: 8030, protocol: 'TCP' },
    { name: 'manage', containerPort: 8001, protocol: 'TCP' },
  ],
  env: [
    { name: 'JAVA_OPTS', value: '-Xmx1g' },
    { name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'level' } } },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'of-another-tool', key: 'token' } } },
  ],
  resources: { requests, limits: { memory: '1Gi' } },
  readinessProbe: { httpGet: { path: '/', port: 'http' } },
  lifecycle: { preStop: { exec: { command: ['sh', '-c', 'sleep 5; stop'] } } },
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
};

/** With parts changed or added; `undefined` takes a field away. */
export function deployment(parts: DeploymentParts = {}): ManifestObject {
  const pod = {
    containers: [{ ...container, ...parts.container }],
    volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Gi' } }],
    ...parts.pod,
  };
  const template = { metadata: { labels: { ...labels, ...parts.labels }, annotations: parts.annotations }, spec: pod };
  return plain({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, ...parts.metadata },
    spec: { selector: { matchLabels: labels }, template, ...parts.spec },
  });
}

/** More containers beside the app's. */
export const containers = (...more: readonly Data[]): DeploymentParts => ({
  pod: { containers: [container, ...more.map((one) => ({ name: 'helper', image: 'helper:1', ...one }))] },
});
/** An init container before the app's. */
export const init = (one: Data): DeploymentParts => ({
  pod: { initContainers: [{ name: 'init', image: 'a:1', ...one }] },
});

export const service = (spec: Data = {}, of: Data = {}): ManifestObject =>
  plain({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, ...of },
    spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec },
  });

export const configMap = (data: Data = { level: 'info' }): ManifestObject =>
  plain({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name: 'settings' }, data });

export const scaler = (spec: Data = {}): ManifestObject => {
  const target = { type: 'Utilization', averageUtilization: 60 };
  return plain({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'trade-core' },
      minReplicas: 2,
      maxReplicas: 8,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
      ...spec,
    },
  });
};

export const budget = (spec: Data = {}): ManifestObject =>
  plain({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec: { maxUnavailable: 1, selector: { matchLabels: labels }, ...spec },
  });

export const job = (pod: Data = {}): ManifestObject =>
  plain({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadata, name: 'migrate' },
    spec: {
      template: {
        metadata: { labels: { 'youzan.com/app': 'migrate' } },
        spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'a:1' }], ...pod },
      },
    },
  });

export const namespace = (sc?: string): ManifestObject =>
  plain({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'trade', labels: sc === undefined ? {} : { 'youzan.com/sc': sc } },
  });

/** As it stands in a file. */
function plain(object: object): ManifestObject {
  return JSON.parse(JSON.stringify(object)) as ManifestObject;
}

export const options: ValidateOptions = { kubernetesVersion: '1.34', kind: 'java' };
/** Keeps every rule. */
export const good: readonly ManifestObject[] = [service(), deployment(), configMap(), scaler(), budget(), job()];

/** The good bundle with objects in the place of those of their kinds. */
export const withObjects = (...changed: readonly ManifestObject[]): readonly ManifestObject[] =>
  good.map((object) => changed.find(({ kind }) => kind === object.kind) ?? object);

/** Where the Deployment has its pods, and its container. */
export const template = 'Deployment trade/trade-core spec.template';
export const app = `${template}.spec.containers[0]`;

export type BadExamples = Readonly<
  Record<
    string,
    readonly {
      readonly what: string;
      readonly bundle: readonly ManifestObject[];
      /** Beside those of the good bundle. */
      readonly options?: ValidateOptions;
      /** Of the only finding. */
      readonly path: string;
      /** Before the way out. */
      readonly message: string;
    }[]
  >
>;
