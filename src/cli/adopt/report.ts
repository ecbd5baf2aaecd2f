import type { AdoptedField, Adoption, PatchOperation } from 'youzan-kube/constructs';
import type { KubeObject } from '../../kube/index.js';
import type { FormerObjects } from './former-objects.js';

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

/**
 * The commands that give the fields of both objects to the release, without a change of any; `undefined` for objects from
 * files, whose owners are not known.
 */
export function takeoverOf(
  { deployment, service }: FormerObjects,
  patchOf: (object: KubeObject) => readonly PatchOperation[] | undefined,
): string | undefined {
  const commands = [deployment, ...(service === undefined ? [] : [service])].flatMap((object) => {
    const patch = patchOf(object);
    if (patch === undefined) return [];
    const { name, namespace = 'default' } = object.metadata;
    const quoted = `'${JSON.stringify(patch).replaceAll("'", "'\\''")}'`;
    return [
      `kubectl patch ${object.kind.toLowerCase()} ${name} --namespace ${namespace} --type json --patch ${quoted}`,
    ];
  });
  return commands.length === 0 ? undefined : `#!/bin/sh\nset -eu\n${commands.join('\n')}\n`;
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
