import { apiVersionOf } from '../../kube/resource.js';
import { kinds, rootOf, type Kind } from './kinds.js';

const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
const subVerbs = ['get', 'patch', 'update'];

function resourcesOf(kind: Kind): unknown[] {
  const { type } = kind;
  const { plural, namespaced } = type;
  const whole = {
    name: plural,
    singularName: type.kind.toLowerCase(),
    namespaced,
    kind: type.kind,
    verbs,
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories === undefined ? {} : { categories: kind.categories }),
  };
  const sub = (name: string, subKind: string, more: Record<string, unknown>): unknown => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    kind: subKind,
    verbs: subVerbs,
    ...more,
  });
  return [
    whole,
    ...(kind.status ? [sub('status', type.kind, {})] : []),
    ...(kind.scale === true ? [sub('scale', 'Scale', { group: 'autoscaling', version: 'v1' })] : []),
    ...(type.kind === 'Pod'
      ? [sub('exec', 'PodExecOptions', { verbs: ['create', 'get'] }), sub('log', 'Pod', { verbs: ['get'] })]
      : []),
  ];
}

const groups = [...new Set(kinds.map((kind) => kind.type.group))].filter((group) => group !== '');

function groupOf(name: string): Record<string, unknown> {
  const versions = [...new Set(kinds.filter((kind) => kind.type.group === name).map((kind) => kind.type.version))].map(
    (version) => ({ groupVersion: `${name}/${version}`, version }),
  );
  return { name, versions, preferredVersion: versions[0] };
}

/** The server's own pages: which groups, versions and kinds there are, and whether it is up. */
export function discoveryPage(path: string, version: string): unknown {
  const wanted = path.replace(/^\/|\/$/g, '');
  if (['healthz', 'livez', 'readyz'].includes(wanted)) return 'ok';
  if (wanted === 'version') {
    const [major, minor] = version.replace(/^v/, '').split('.');
    return {
      major,
      minor,
      gitVersion: version,
      gitTreeState: 'clean',
      platform: `${process.platform}/${process.arch}`,
    };
  }
  if (wanted === 'api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (wanted === 'apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupOf) };
  if (wanted === 'openapi/v3') return openApiRoot();
  if (wanted.startsWith('openapi/v3/')) return openApiOf(wanted.slice('openapi/v3/'.length));
  const group = /^apis\/([^/]+)$/.exec(wanted)?.[1];
  if (group !== undefined && groups.includes(group)) return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) };
  const served = kinds.filter((kind) => rootOf(kind.type) === wanted);
  const [first] = served;
  if (first === undefined) return undefined;
  return {
    kind: 'APIResourceList',
    ...(first.type.group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersionOf(first.type),
    resources: served.flatMap(resourcesOf),
  };
}

function openApiRoot(): unknown {
  const roots = [...new Set(kinds.map((kind) => rootOf(kind.type)))];
  return { paths: Object.fromEntries(roots.map((root) => [root, { serverRelativeURL: `/openapi/v3/${root}` }])) };
}

/** Only what kubectl asks: that each kind can be patched with `fieldValidation`. No schemas. */
function openApiOf(root: string): unknown {
  const served = kinds.filter((kind) => rootOf(kind.type) === root);
  if (served.length === 0) return undefined;
  const query = (name: string): unknown => ({ name, in: 'query', schema: { type: 'string', uniqueItems: true } });
  const pathOf = ({ type }: Kind): string =>
    `/${root}${type.namespaced ? '/namespaces/{namespace}' : ''}/${type.plural}/{name}`;
  const patch = ({ type }: Kind): unknown => ({
    parameters: ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map(query),
    responses: { 200: { description: 'OK' } },
    'x-kubernetes-group-version-kind': { group: type.group, version: type.version, kind: type.kind },
  });
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'unversioned' },
    paths: Object.fromEntries(served.map((kind) => [pathOf(kind), { patch: patch(kind) }])),
  };
}
