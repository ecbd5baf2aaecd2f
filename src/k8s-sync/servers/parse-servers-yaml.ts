import { isIP } from 'node:net';
import * as v from 'valibot';
import { nearestOf } from '../../conventions/index.js';
import { isRecord } from '../../conventions/merge.js';
import { type Checked, type DocumentFinding, readPlacedYaml } from '../../fleet/placed-yaml.js';
import { canonicalAddress, type Server, serverAddress } from '../../members/index.js';

/** Servers by upstream. */
export type ServersByUpstream = Readonly<Record<string, readonly Server[]>>;

const name = /^[A-Za-z0-9](?:[-A-Za-z0-9._]{0,251}[A-Za-z0-9])?$/;
const labelValue = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

const isAddress = (ip: string): boolean =>
  isIP(ip) !== 0 && !ip.includes('%') && !ip.toLowerCase().startsWith('::ffff:');
const whole = (from: number, to: number) => {
  const message = `must be a whole number from ${from} to ${to}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(from, message), v.maxValue(to, message));
};
const label = v.pipe(
  v.string('must be a text'),
  v.regex(labelValue, 'must be a label value: letters, digits, "-", "_", ".", at most 63'),
);

const server = v.object({
  ip: v.pipe(
    v.string('must be a text'),
    v.check(isAddress, 'must be an IP address'),
    v.transform((ip) => canonicalAddress(ip)),
  ),
  port: whole(1, 65_535),
  weight: v.optional(whole(0, 1000), 100),
  state: v.optional(v.picklist(['up', 'drain', 'down'], 'must be up, drain or down'), 'up'),
  zone: v.optional(v.string('must be a text'), ''),
  labels: v.optional(v.record(v.string(), label, 'must be a map'), {}),
});

const document = v.object({
  upstreams: v.record(v.string(), v.array(server, 'must be a list of servers'), 'must be a map'),
});

/**
 * Reads a file of machines outside Kubernetes: `upstreams`, and in each a list of servers with `ip` and `port`. `weight`
 * defaults to 100, `state` to `up`, `labels.color` to `stable`.
 *
 * @throws YouzanKubeError `SERVERS_INVALID` with every finding as `file:line:column: message`.
 *
 * @example
 * const upstreams = parseServersYaml('upstreams: { trade-core.http: [{ ip: 10.0.0.1, port: 8030 }] }', { file: 'vm.yaml' });
 */
export function parseServersYaml(text: string, { file }: { readonly file: string }): ServersByUpstream {
  return readPlacedYaml(text, { file, code: 'SERVERS_INVALID', needs: 'upstreams', check });
}

function check(input: unknown): Checked<ServersByUpstream> {
  const parsed = v.safeParse(document, input, { abortPipeEarly: true });
  // The schema library takes a list for a map.
  if (isRecord(input) && Array.isArray(input['upstreams']))
    return { findings: [{ path: ['upstreams'], at: 'value', message: 'upstreams must be a map' }] };
  const findings = [...(parsed.issues ?? []).map(findingOf), ...unknownKeys(input)];
  if (!parsed.success || findings.length > 0) return { findings };
  const { upstreams } = parsed.output;
  const found = Object.entries(upstreams).flatMap(([upstream, servers]) => [
    ...(name.test(upstream) ? [] : [badName(upstream)]),
    ...duplicates(upstream, servers),
  ]);
  if (found.length > 0) return { findings: found };
  return { value: Object.fromEntries(Object.entries(upstreams).map(([key, servers]) => [key, servers.map(serverOf)])) };
}

function serverOf(input: v.InferOutput<typeof server>): Server {
  return { ...input, uid: '', labels: { color: 'stable', ...input.labels } };
}

function findingOf(issue: v.BaseIssue<unknown>): DocumentFinding {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  const what = path.join('.') || 'the file';
  if (issue.type !== 'object') return { path, at: 'value', message: `${what} ${issue.message}` };
  if (issue.received !== 'undefined') return { path, at: 'value', message: `${what} must be a map` };
  return { path: path.slice(0, -1), at: 'value', message: `${what} is missing` };
}

function unknownKeys(input: unknown): DocumentFinding[] {
  if (!isRecord(input)) return [];
  const lists = isRecord(input['upstreams']) ? Object.entries(input['upstreams']) : [];
  return [
    ...unknownIn(input, [], Object.keys(document.entries)),
    ...lists.flatMap(([upstream, servers]) =>
      (Array.isArray(servers) ? servers : []).flatMap((one: unknown, index) =>
        isRecord(one) ? unknownIn(one, ['upstreams', upstream, index], Object.keys(server.entries)) : [],
      ),
    ),
  ];
}

function unknownIn(
  map: Readonly<Record<string, unknown>>,
  path: readonly (string | number)[],
  known: readonly string[],
): DocumentFinding[] {
  return Object.keys(map)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const near = nearestOf(key, known);
      const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
      return { path: [...path, key], at: 'key', message: `unknown key "${key}"; ${hint}` };
    });
}

const badName = (upstream: string): DocumentFinding => ({
  path: ['upstreams', upstream],
  at: 'key',
  message: `"${upstream}" is no name of an upstream: letters, digits, "-", "." and "_", such as trade-core.http`,
});

function duplicates(
  upstream: string,
  servers: readonly { readonly ip: string; readonly port: number }[],
): DocumentFinding[] {
  const first = new Map<string, number>();
  return servers.flatMap((one, index): DocumentFinding[] => {
    const address = serverAddress(one);
    const earlier = first.get(address);
    if (earlier === undefined) first.set(address, index);
    if (earlier === undefined) return [];
    return [{ path: ['upstreams', upstream, index], at: 'value', message: `${address} is there twice in ${upstream}` }];
  });
}
