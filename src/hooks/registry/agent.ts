import { youzanConventions, type Conventions } from '../../conventions/index.js';
import { registryDefaults } from '../../conventions/registry.js';
import { httpTools, quote, type ProcessSpec } from '../../rich-container/index.js';
import { agentScript } from './agent-script.js';
import type { Registration } from './registration.js';

/** What the agent takes from the conventions: the variables with IP and IDC, and the weight. */
export type RegistryConventions = Pick<Conventions, 'variables' | 'serverWeight'>;

/** Times of an agent, seconds. */
export type RegistryTimes = Readonly<
  Record<'ttlSeconds' | 'refreshSeconds' | 'requestSeconds' | 'retrySeconds', number>
>;

/** JSON in ASCII, so that a character is a byte in every shell. */
const json = (value: string | number): string =>
  JSON.stringify(value).replace(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * The helper that keeps one registration: it writes what the hooks ask for, renews the lease, and says in the state
 * directory what came of it. It is stopped with the container, and the registration is gone when its lease has run out.
 */
export function registryAgent(
  name: string,
  registration: Registration,
  { variables, serverWeight }: RegistryConventions = youzanConventions,
  times: RegistryTimes = registryDefaults,
): ProcessSpec {
  const { protocol = registryDefaults.protocol, namespace = registryDefaults.namespace, service } = registration;
  const { port, weight = serverWeight, extData = '', endpoints } = registration;
  const ip = `"\${${variables.podIp}:?}"`;
  const head = `{"DataCenter":"`;
  const named = `","Namespace":${json(namespace)},"SrvName":${json(service)},"IP":"`;
  const placed = `","Port":${port},"Protocol":${json(protocol)},"Status":`;
  const tail = `,"Weight":${weight},"ExtData":${json(extData)}}`;
  const given = (endpoints ?? []).map((endpoint) => endpoint.replace(/^http:\/\/|\/$/g, '')).join(' ');
  const script = agentScript([
    `_me=${name} _ttl=${times.ttlSeconds} _refresh=${times.refreshSeconds} _request=${times.requestSeconds} _retry=${times.retrySeconds}`,
    `_tools='${httpTools.join(' ')}'`,
    `_key=${quote(`${protocol}:${namespace}/${service}/`)}${ip}:${port}`,
    `_value() { _v=${quote(head)}"\${${variables.idc}:-}"${quote(named)}${ip}${quote(placed)}$1${quote(tail)}; }`,
    ...(endpoints === undefined ? [fromVariable] : [`_endpoints=${quote(given)}`]),
  ]);
  return { name, command: { shell: script }, output: 'prefix' };
}

const fromVariable = [
  `_endpoints= _x=$IFS IFS=', '`,
  `for _e in \${${registryDefaults.endpointsVariable}:-}; do _e=\${_e#http://}; _endpoints="$_endpoints \${_e%/}"; done`,
  'IFS=$_x',
].join('\n');
