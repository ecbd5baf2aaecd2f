/** What the registry of RPC services, an etcd, expects of a registration, and what a registration may leave out. */
export const registryDefaults = {
  protocol: 'nova',
  namespace: 'com.youzan.service',
  /** A registration that is not refreshed is gone after so many seconds. */
  ttlSeconds: 30,
  refreshSeconds: 10,
  /** Longest that one endpoint is asked before the next. */
  requestSeconds: 5,
  /** After a failure, from one try to the next. */
  retrySeconds: 2,
  /** `Status` of a registration: online, and offline. */
  status: { ok: 1, unreg: 3 },
  /** The container's variable with etcd's addresses, separated by commas, for an app that names none itself. */
  endpointsVariable: 'YOUZAN_REGISTRY',
} as const;

/** What protocol, namespace and service are made of: they stand in a key, between `:` and `/`. */
export const isRegistryWord = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_.$-]*$/.test(text);

const endpointForm = /^http:\/\/([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}\/?$/;

/** `http://10.0.0.1:2379`. An etcd behind TLS is not reached: not every program of an image can. */
export const isRegistryEndpoint = (text: string): boolean => endpointForm.test(text);
