// Cuts Kubernetes' OpenAPI documents down to what a Deployment and a Service reach, for strict.ts. The documents are those
// of a release's source (api/openapi-spec/v3), which are what its API server answers to GET /openapi/v3/…:
//   node test/constructs/prune-openapi.mjs v1.34.4 apis__apps__v1_openapi.json api__v1_openapi.json >test/constructs/fixtures/kubernetes-1.34.json
import { readFileSync } from 'node:fs';

const roots = ['io.k8s.api.apps.v1.Deployment', 'io.k8s.api.core.v1.Service'];
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
