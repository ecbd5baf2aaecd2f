import * as v from 'valibot';

const name = v.pipe(
  v.string(),
  v.regex(/^[a-z][-a-z0-9]*$/, 'must be lower-case letters, digits and "-", starting with a letter'),
);
const text = v.pipe(v.string(), v.nonEmpty('must not be empty'));

const cluster = v.strictObject({
  kubeconfig: v.optional(text),
  context: v.optional(text),
  version: v.pipe(
    v.string('must be text: write it in quotes'),
    v.regex(/^1\.\d+$/, 'must be a Kubernetes version such as "1.34"'),
  ),
  provider: v.optional(text, 'self-built'),
  burst: v.optional(v.boolean(), false),
});

const gateway = v.pipe(
  v.strictObject({
    name,
    idc: name,
    url: v.pipe(
      v.string(),
      v.url('must be a URL such as https://yz7.example:9000'),
      v.regex(/^https?:/, 'must start with http:// or https://'),
    ),
    tokenEnv: v.optional(text),
    tokenFile: v.optional(text),
  }),
  v.check(
    ({ tokenEnv, tokenFile }) => (tokenEnv === undefined) !== (tokenFile === undefined),
    'needs tokenEnv or tokenFile, one of them',
  ),
);

/** The form of fleet.yaml. */
export const fleetSchema = v.strictObject({
  idcs: v.pipe(
    v.record(
      name,
      v.strictObject({
        clusters: v.pipe(
          v.record(name, cluster),
          v.check((clusters) => Object.keys(clusters).length > 0, 'an IDC needs at least one cluster'),
        ),
      }),
    ),
    v.check((idcs) => Object.keys(idcs).length > 0, 'a fleet needs at least one IDC'),
  ),
  environments: v.optional(
    v.record(
      name,
      v.strictObject({ gateways: v.pipe(v.array(gateway), v.nonEmpty('an environment needs at least one gateway')) }),
    ),
    {},
  ),
});

/** What `defineFleet` takes and fleet.yaml holds. */
export type FleetInput = v.InferInput<typeof fleetSchema>;

/** Keys that are known at a place of the document, for the hint of an unknown one. */
export function knownKeys(path: readonly (string | number)[]): readonly string[] {
  if (path.length === 0) return ['idcs', 'environments'];
  if (path[0] === 'idcs')
    return path.length === 2 ? ['clusters'] : ['kubeconfig', 'context', 'version', 'provider', 'burst'];
  return path.length === 2 ? ['gateways'] : ['name', 'idc', 'url', 'tokenEnv', 'tokenFile'];
}
