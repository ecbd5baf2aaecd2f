// The JSON Schema of app.yaml for editors, made from the forms that the parser checks with; what it says of a key is what
// docs/app-yaml.md says. The build writes it to schema/app.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { sections } from '../../src/app-yaml/schema.js';
import { columns, readPage, root, tableOf } from '../docs/page.js';

type JsonSchema = ReturnType<typeof toJsonSchema>;
type Config = NonNullable<Parameters<typeof toJsonSchema>[1]>;

const config: Config = {
  // What JSON Schema can't say, or what its metadata says beside it.
  ignoreActions: ['check', 'trim', 'transform', 'raw_transform', 'raw_check'],
  overrideSchema({ valibotSchema: { type, ...schema } }) {
    if (type === 'custom') return {};
    return type === 'lazy' && 'getter' in schema && isGetter(schema.getter) ? anyForm(schema.getter) : undefined;
  },
};

type Getter = (input: unknown) => v.GenericSchema;
const isGetter = (value: unknown): value is Getter => typeof value === 'function';

/** The forms of a value whose own type says which is meant. */
function anyForm(getter: Getter): JsonSchema {
  const forms = new Set([false, '', [], {}].map(getter));
  return { anyOf: [...forms].filter(({ type }) => type !== 'custom').map(converted) };
}

function converted(schema: v.GenericSchema): JsonSchema {
  return toJsonSchema(schema, { ...config, target: 'draft-07' });
}

/** Maps take no other keys than they name, and what says nothing is left out. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, inner]) =>
      !['$schema', '$defs'].includes(key) && !(key === 'required' && Array.isArray(inner) && inner.length === 0),
  );
  const closing = 'properties' in value ? { additionalProperties: false } : {};
  return { ...closing, ...Object.fromEntries(entries.map(([key, inner]: [string, unknown]) => [key, closed(inner)])) };
}

/** Draft 7, which every editor knows. */
export function appSchema(): object {
  const meanings = new Map(columns(tableOf(readPage('app-yaml.md'), 'Keys'), 0, 3).map(([key, text]) => [key, text]));
  const properties = Object.entries(sections).map(([key, schema]) => {
    const description = (meanings.get(key) ?? '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    return [key, { description, ...converted(schema) }] as const;
  });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'app.yaml of youzan-kube',
    type: 'object',
    properties: closed(Object.fromEntries(properties)),
    additionalProperties: false,
    anyOf: [{ required: ['kind'] }, { required: ['runtime'] }],
  };
}

/** Writes schema/app.json. */
export function writeAppSchema(): void {
  mkdirSync(join(root, 'schema'), { recursive: true });
  writeFileSync(join(root, 'schema/app.json'), `${JSON.stringify(appSchema(), undefined, 2)}\n`);
}
