// Cuts Kubernetes' OpenAPI documents down to what the kinds of our manifests reach, for strict.ts. The documents are those
// of a release's source (api/openapi-spec/v3), which are what its API server answers to GET /openapi/v3/…:
//   node test/constructs/prune-openapi.mjs v1.34.4 api__v1_openapi.json apis__{apps__v1,autoscaling__v2,batch__v1,policy__v1,networking.k8s.io__v1,rbac.authorization.k8s.io__v1,scheduling.k8s.io__v1}_openapi.json >test/constructs/fixtures/kubernetes-1.34.json
import { readFileSync } from 'node:fs';

/** Kinds by the document that has them. */
const kinds = {
  'core.v1': [
    ...['Namespace', 'Service', 'ConfigMap', 'Secret', 'ServiceAccount', 'ResourceQuota', 'LimitRange'],
    'PersistentVolumeClaim',
  ],
  'apps.v1': ['Deployment', 'StatefulSet', 'DaemonSet'],
  'autoscaling.v2': ['HorizontalPodAutoscaler'],
  'batch.v1': ['Job', 'CronJob'],
  'policy.v1': ['PodDisruptionBudget'],
  'networking.v1': ['NetworkPolicy', 'Ingress'],
  'rbac.v1': ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
  'scheduling.v1': ['PriorityClass'],
};
const roots = Object.entries(kinds).flatMap(([group, names]) => names.map((name) => `io.k8s.api.${group}.${name}`));
const kept = ['type', 'format', 'properties', 'required', 'items', 'additionalProperties', 'oneOf', '$ref'];
const nameOf = (ref) => ref.replace('#/components/schemas/', '');

/** The schema without words and defaults; `allOf` of one reference, which carries a default, is that reference. */
function bare(schema) {
  if (schema.allOf !== undefined) return bare(schema.allOf[0]);
  // In one order, whether the document is the source's or a server's.
  const entries = kept.filter((key) => key in schema).map((key) => [key, schema[key]]);
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (key === '$ref') return [key, nameOf(value)];
      if (key === 'properties')
        return [key, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, bare(inner)]))];
      return [key, key === 'items' || key === 'additionalProperties' ? bare(value) : value];
    }),
  );
}

const [release, ...files] = process.argv.slice(2);
const all = Object.assign({}, ...files.map((file) => JSON.parse(readFileSync(file, 'utf8')).components.schemas));
const schemas = {};
for (const name of roots) schemas[name] = bare(all[name]);
for (let todo = roots; todo.length > 0;) {
  const text = JSON.stringify(todo.map((name) => schemas[name]));
  todo = [...new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, name]) => name))].filter(
    (name) => !(name in schemas),
  );
  for (const name of todo) schemas[name] = bare(all[name]);
}
const lines = Object.keys(schemas)
  .sort()
  .map((name) => `    ${JSON.stringify(name)}: ${JSON.stringify(schemas[name])}`);
const origin = `k8s.io/kubernetes ${release}, api/openapi-spec/v3: ${files.map((file) => file.split('/').at(-1)).join(', ')}; Apache-2.0`;
console.log(`{\n  "origin": ${JSON.stringify(origin)},\n  "schemas": {\n${lines.join(',\n')}\n  }\n}`);
