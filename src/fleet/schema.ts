import * as v from 'valibot';
import { isDnsLabel } from '../conventions/index.js';

const text = v.pipe(v.string('must be a text'), v.nonEmpty('must not be empty'));

const cluster = v.object({
  kubeconfig: v.optional(text),
  context: v.optional(text),
  version: v.pipe(
    v.string('must be a text: write it in quotes'),
    v.regex(/^1\.\d+$/, 'must be a Kubernetes version such as "1.34"'),
  ),
  provider: v.optional(text, 'self-built'),
  burst: v.optional(v.boolean('must be true or false'), false),
});

const gatewayHead = { name: v.pipe(text, v.check(isName, 'must be a DNS label')), idc: text };

const yz7Gateway = v.object({
  ...gatewayHead,
  kind: v.optional(v.literal('yz7'), 'yz7'),
  url: v.pipe(
    text,
    v.url('must be a URL such as https://yz7.example:9000'),
    v.regex(/^https?:/, 'must start with http:// or https://'),
  ),
  tokenEnv: v.optional(text),
  tokenFile: v.optional(text),
});

const haproxyGateway = v.object({
  ...gatewayHead,
  kind: v.literal('haproxy'),
  socket: v.pipe(
    text,
    v.regex(
      /^(\/.+|([^:[\]/]+|\[[^\]]+\]):\d{1,5})$/,
      'must be the path of the runtime socket, or an address such as 10.0.0.5:9999',
    ),
  ),
  map: v.pipe(text, v.regex(/^\/[^\s;\\<]*$/, 'must be the absolute path of the map file, without blanks')),
});

const gateway = v.variant('kind', [yz7Gateway, haproxyGateway], ({ path }) =>
  path === undefined ? 'must be a map' : 'must be yz7 or haproxy',
);

const map = 'must be a map';
const idc = v.object({
  clusters: v.pipe(
    v.record(v.string(), cluster, map),
    v.check((clusters) => Object.keys(clusters).length > 0, 'must have at least one cluster'),
  ),
});
const environment = v.object({
  gateways: v.pipe(v.array(gateway, 'must be a list'), v.nonEmpty('must have at least one gateway')),
});

/**
 * The form of fleet.yaml, key by key. What no key shows alone is in `checkFleet`: names, unknown keys, references, and
 * the choice between two keys.
 */
export const fleetSchema = v.object({
  idcs: v.pipe(
    v.record(v.string(), idc, map),
    v.check((idcs) => Object.keys(idcs).length > 0, 'must have at least one IDC'),
  ),
  environments: v.optional(v.record(v.string(), environment, map), {}),
});

/** What `defineFleet` takes and fleet.yaml holds. */
export type FleetInput = v.InferInput<typeof fleetSchema>;

/** The keys that each kind of map in the document may have. */
export const knownKeys = {
  fleet: Object.keys(fleetSchema.entries),
  idc: Object.keys(idc.entries),
  cluster: Object.keys(cluster.entries),
  environment: Object.keys(environment.entries),
} as const;

/** The keys of a gateway, by its kind. */
export const gatewayKeys: Readonly<Record<string, readonly string[] | undefined>> = {
  yz7: Object.keys(yz7Gateway.entries),
  haproxy: Object.keys(haproxyGateway.entries),
};

/** True for what an IDC, a cluster, an environment or a gateway may be called. */
export function isName(name: string): boolean {
  // Records of the schema skip these keys.
  return isDnsLabel(name) && name !== 'constructor' && name !== 'prototype';
}
