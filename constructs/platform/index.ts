export { LxcfsDaemonSet, type LxcfsDaemonSetProps } from './lxcfs-daemon-set.js';
export { PlatformAccess, type PlatformAccessProps } from './platform-access.js';
export {
  K8sSyncDeployment,
  type K8sSyncDeploymentProps,
  type SyncFleet,
  type SyncFleetGateway,
} from './k8s-sync-deployment.js';
