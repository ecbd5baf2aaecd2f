import type { Conventions } from './conventions.js';
import { labelKeys } from './labels.js';
import type { Environment, StandardEnvironment } from './run-mode.js';
import { youzanImages } from './youzan-images.js';
import { youzanKinds } from './youzan-kinds.js';

const environments: Readonly<Record<StandardEnvironment, Environment>> = {
  daily: { runMode: 'daily' },
  qa: { runMode: 'qatest' },
  perf: { runMode: 'perf' },
  pre: { runMode: 'pre' },
  prod: { runMode: 'online' },
};

/**
 * Youzan's conventions. Ports, paths, run modes and the variables `KDT_*` are those of Youzan's open code; the port
 * table per kind, the label prefix and the times are this library's own choice.
 */
export const youzanConventions: Conventions = deepFreeze({
  labels: labelKeys('youzan.com'),
  managedBy: 'youzan-kube',
  ports: { http: 8030, rpc: 8100, manage: 8001, metrics: 9100 },
  reservedPorts: { 'trace-agent': 2280 },
  publishedRoles: ['http', 'rpc'],
  serverWeight: 100,
  serviceChainHeader: 'X-Service-Chain',
  kinds: youzanKinds,
  environments,
  hooks: {
    health: { role: 'manage', path: '/health', expect: 'UP' },
    switch: { role: 'http', path: '/_HB_.php' },
    onlineQuery: 'service=online',
    offlineQuery: 'service=offline',
    preload: { tries: 60, intervalSeconds: 1, deadlineSeconds: 60 },
    online: { deadlineSeconds: 10 },
    offline: { deadlineSeconds: 10 },
    drainSeconds: 5,
    stop: { deadlineSeconds: 20 },
  },
  // Memory is never overcommitted: a request that is less than the limit ends in a kill when the node is full.
  resourceClasses: {
    small: { requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } },
    medium: { requests: { cpu: '1', memory: '2Gi' }, limits: { cpu: '2', memory: '2Gi' } },
    large: { requests: { cpu: '2', memory: '4Gi' }, limits: { cpu: '4', memory: '4Gi' } },
  },
  jvm: {
    kinds: ['java'],
    maxRamPercentage: 70,
    preload: { library: '/usr/local/lib/libcontainercpus.so', variable: 'CONTAINER_CPUS' },
  },
  lxcfs: { folder: '/var/lib/youzan-lxcfs' },
  images: youzanImages,
  publishDeadlineSeconds: 10,
  helperStopSeconds: 10,
  variables: {
    runMode: 'KDT_RUN_MODE',
    app: 'APPLICATION_NAME',
    appVersion: 'APPLICATION_VERSION',
    idc: 'YOUZAN_IDC',
    cluster: 'YOUZAN_CLUSTER',
    env: 'YOUZAN_ENV',
    color: 'YOUZAN_COLOR',
    sc: 'KDT_X_SERVICE_CHAIN',
    podUid: 'POD_UID',
    podName: 'POD_NAME',
    podNamespace: 'POD_NAMESPACE',
    podIp: 'POD_IP',
    nodeName: 'NODE_NAME',
    portPrefix: 'PORT_',
  },
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
