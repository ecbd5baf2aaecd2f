export type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  ExecOptions,
  ExecResult,
  KubeClient,
  KubeReader,
  KubeWriter,
  ListOptions,
  LogOptions,
  ObjectRef,
  WatchOptions,
  WriteOptions,
} from './client.js';
export type { Clock } from './clock.js';
export { createKubeClient, type KubeClientOptions } from './create-client.js';
export { type Credentials, credentialsInCluster, type CredentialsSource } from './credentials.js';
export { isKubeError, KubeError, type KubeErrorCode } from './error.js';
export { credentialsFromKubeconfig, type KubeconfigOptions } from './kubeconfig.js';
export { createLeaseElector, type LeaseElector, type LeaseElectorOptions, type LeaseTimings } from './lease.js';
export type { KubeList, KubeObject, ObjectMeta, OwnerReference, WatchEvent } from './object.js';
export {
  type CollectionReader,
  createReflector,
  type Reflector,
  type ReflectorEvent,
  type ReflectorOptions,
  type ReflectorTimings,
} from './reflector.js';
export type { CollectionEvent, CollectionOptions } from './watched-collection.js';
export { apiVersionOf, resourcePath, resources, type ResourceType } from './resource.js';
