import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type AppSpec, parseAppYaml } from '../../app-yaml/index.js';
import { type Finding, findingsError, isYouzanKubeError, YouzanKubeError } from '../../conventions/index.js';
import { readInput } from '../fleet-file.js';

/** The files that are named; of a folder every `app.yaml` in it and below, in the order of their paths. */
export function appFiles(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
    const found = appYamlsBelow(path);
    if (found.length > 0) return found;
    throw new YouzanKubeError('CLI_NO_APPS', `no app.yaml in ${path} nor below it`, { path });
  });
}

function appYamlsBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((left, right) => (left.name < right.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : appYamlsBelow(path);
    return entry.name === 'app.yaml' ? [path] : [];
  });
}

/**
 * Reads all of them.
 *
 * @throws YouzanKubeError `APP_YAML_INVALID` with the findings of all files.
 */
export function readSpecs(files: readonly string[]): readonly AppSpec[] {
  const specs: AppSpec[] = [];
  const findings: Finding[] = [];
  const invalid: YouzanKubeError[] = [];
  for (const file of files) {
    try {
      specs.push(parseAppYaml(readInput(file), { file }));
    } catch (error) {
      if (!isYouzanKubeError(error) || error.findings.length === 0) throw error;
      invalid.push(error);
      findings.push(...error.findings);
    }
  }
  const [first] = invalid;
  if (first === undefined) return specs;
  if (invalid.length === 1) throw first;
  throw findingsError(
    'APP_YAML_INVALID',
    `${invalid.length} of ${files.length} app.yaml files are not valid`,
    findings,
  );
}
