import type { AdoptedField, Adoption } from 'youzan-kube/constructs';

/** The program that makes the manifests of an adopted app, beside its app.yaml. */
export function programOf({ props }: Adoption): string {
  const { spec, ...rest } = props;
  const lines = Object.entries(rest).map(([key, value]) => `  ${key}: ${JSON.stringify(value)},`);
  return `import { readFileSync } from 'node:fs';
import { parseAppYaml } from 'youzan-kube';
import { synthApp } from 'youzan-kube/constructs';

const file = '${spec.name}/app.yaml';
const spec = parseAppYaml(readFileSync(file, 'utf8'), { file });
const { yaml } = synthApp({
  spec,
${lines.join('\n')}
});
console.log(yaml);
`;
}

/** What becomes of the fields, as a person reads it: those that stay are counted. */
export function fieldLines(fields: readonly AdoptedField[]): readonly string[] {
  const kept = fields.filter(({ change }) => change === 'kept');
  const of = (change: AdoptedField['change']): readonly string[] =>
    fields
      .filter((one) => one.change === change && !isServers(one))
      .map(({ object, field, was, becomes, why = '' }) => {
        const now = becomes === undefined ? '' : ` -> ${JSON.stringify(becomes)}`;
        return `${change.padEnd(8)} ${object} ${field}: ${JSON.stringify(was)}${now}\n         ${why}`;
      });
  return [`kept     ${kept.length} of ${fields.length} fields`, ...of('changed'), ...of('dropped')];
}

/** Nobody wrote it, so nobody misses it. */
const isServers = ({ why }: AdoptedField): boolean => why?.startsWith('written by the server') === true;
