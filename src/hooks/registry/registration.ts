import { isRegistryEndpoint, isRegistryWord } from '../../conventions/registry.js';

/**
 * One service of the app in the registry of RPC services: an etcd key
 * `{protocol}:{namespace}/{service}/{ip}:{port}` with a lease. IP and IDC are the pod's own.
 */
export interface Registration {
  /** Default: `registryDefaults`', `nova`. */
  readonly protocol?: string;
  /** Default: `registryDefaults`', `com.youzan.service`. */
  readonly namespace?: string;
  readonly service: string;
  readonly port: number;
  /** 0 to 1000. Default: the conventions' weight of a server, 100. */
  readonly weight?: number;
  /** Any text; callers of Youzan's registry expect JSON in it. Default: empty. */
  readonly extData?: string;
  /**
   * etcd's client addresses, `http://10.0.0.1:2379`, tried in turn. Default: those of the container's variable
   * `YOUZAN_REGISTRY`, separated by commas, so that one app.yaml serves in every IDC.
   */
  readonly endpoints?: readonly string[];
}

/** What is wrong with a registration, each finding with the place in it. */
export function registrationFindings(registration: Registration): readonly (readonly [string, string])[] {
  const { protocol, namespace, service, port, weight, extData, endpoints } = registration;
  const findings: [string, string][] = [];
  for (const [field, value] of Object.entries({ protocol, namespace, service })) {
    if (value !== undefined && !isRegistryWord(value))
      findings.push([field, `is ${JSON.stringify(value)}; letters, digits, "_", ".", "$" and "-" are allowed`]);
  }
  if (!(Number.isInteger(port) && port >= 1 && port <= 65535))
    findings.push(['port', `is ${port}; 1 to 65535 is allowed`]);
  if (weight !== undefined && !(Number.isInteger(weight) && weight >= 0 && weight <= 1000))
    findings.push(['weight', `is ${weight}; whole numbers from 0 to 1000 are allowed`]);
  if (extData !== undefined && /[\0\p{Surrogate}]/u.test(extData))
    findings.push(['extData', 'holds a NUL character or half of a surrogate pair']);
  if (endpoints?.length === 0) findings.push(['endpoints', 'is empty; leave it out or name one']);
  for (const [at, endpoint] of (endpoints ?? []).entries()) {
    if (!isRegistryEndpoint(endpoint))
      findings.push([`endpoints[${at}]`, `is ${JSON.stringify(endpoint)}; http://host:port is allowed`]);
  }
  return findings;
}
