import {
  findingsError,
  isDnsLabel,
  kindOfRuntime,
  portsOfKind,
  youzanConventions,
  type AppKind,
  type Conventions,
} from '../conventions/index.js';
import type { AppSpec } from './app-spec.js';
import { crossFindings } from './cross-checks.js';
import { readDocument, type ReadDocument } from './document.js';
import type { HookSettings } from './hook-settings.js';
import { sections } from './schema.js';
import { SectionReader } from './sections.js';
import { withPlaces } from './source.js';

export interface ParseAppYamlOptions {
  /** Name of the file, for the places in findings. */
  readonly file: string;
  /** Default: Youzan's. */
  readonly conventions?: Conventions;
  /** The app's name when app.yaml has none. Default: the folder that `file` names, when that is a name. */
  readonly name?: string;
}

/**
 * Reads an app.yaml: `stack`, `runtime` and `entrypoint`, or the `kind` that gives them, and the optional `name`, `after`,
 * `ports`, `env`, `helpers`, `hooks`, `resources`, `replicas` and `probes`.
 *
 * @throws YouzanKubeError `APP_YAML_INVALID` with every finding as `file:line:column: message`.
 *
 * @example
 * const spec = parseAppYaml('stack: youzanyun-centos6\nruntime: python-2.7\nentrypoint: gunicorn wsgi:application\n', {
 *   file: 'trade-core/app.yaml',
 * });
 */
export function parseAppYaml(text: string, options: ParseAppYamlOptions): AppSpec {
  const { file, conventions = youzanConventions } = options;
  const reader = new SectionReader(readDocument(text, file));
  const name = reader.optional('name', sections.name) ?? options.name ?? folderOf(file);
  const named = reader.optional('kind', sections.kind);
  const runtime = reader.required('runtime', sections.runtime, ofKind(named, conventions)?.runtime);
  const kind = named ?? kindOfRuntime(runtime ?? '', conventions);
  const defaults = ofKind(kind, conventions);
  const stack = reader.required('stack', sections.stack, defaults?.stack);
  const entrypoint = reader.required('entrypoint', sections.entrypoint, defaults?.command);
  const ports = reader.optional('ports', sections.ports) ?? {};
  const env = reader.optional('env', sections.env) ?? {};
  const helpers = reader.optional('helpers', sections.helpers) ?? [];
  const after = reader.optional('after', sections.after) ?? helpers.map((helper) => helper.name);
  const hooks = reader.optional('hooks', sections.hooks) ?? {};
  const resources = reader.optional('resources', sections.resources) ?? {};
  const replicas = reader.optional('replicas', sections.replicas);
  const probes = reader.optional('probes', sections.probes) ?? {};
  if (name === undefined && !reader.has('name') && reader.isMap) {
    reader.add({ path: [], message: '"name" is missing, and no folder in the file\'s path can give it' });
  }
  if (kind === undefined && runtime !== undefined && !reader.has('kind')) {
    const known = Object.keys(conventions.kinds).join(', ');
    reader.add({ path: ['runtime'], message: `"${runtime}" belongs to no known kind; set "kind" to one of ${known}` });
  }
  const draft = {
    name,
    kind,
    after,
    ports: { ...portsOfKind(kind ?? '', conventions), ...ports },
    env: { ...defaults?.env, ...env },
    helpers,
    hooks: defaults?.switch === 'none' ? { ...withoutSwitch, ...hooks } : hooks,
    resources,
    probes,
    ...(replicas === undefined ? {} : { replicas }),
  };
  for (const finding of crossFindings(draft, conventions)) reader.add(finding);
  const findings = reader.findings();
  if (findings.length === 0 && name && kind && stack && runtime && entrypoint) {
    return withPlaces({ ...draft, name, kind, stack, runtime, entrypoint }, (keys) => placeOf(keys, text, file));
  }
  throw findingsError('APP_YAML_INVALID', `${file} is not valid`, findings);
}

/** Of the text that was asked for last: the findings of an app come together. */
let last: { readonly text: string; readonly file: string; readonly document: ReadDocument } | undefined;

function placeOf(keys: readonly string[], text: string, file: string): string | undefined {
  if (last?.text !== text || last.file !== file) last = { text, file, document: readDocument(text, file) };
  const { value, placeOf: placeIn } = last.document;
  const [first] = keys;
  if (first !== undefined && !(typeof value === 'object' && value !== null && Object.hasOwn(value, first)))
    return undefined;
  return placeIn(keys, 'value').path;
}

const withoutSwitch: HookSettings = { online: false, offline: false };

const ofKind = (kind: string | undefined, { kinds }: Conventions): AppKind | undefined =>
  kind !== undefined && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;

/** The name of the folder that a file stands in, when it can be an app's name. */
function folderOf(file: string): string | undefined {
  const folder = file.split(/[/\\]/).at(-2);
  return folder !== undefined && isDnsLabel(folder) ? folder : undefined;
}
