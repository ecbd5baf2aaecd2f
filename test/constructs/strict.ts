import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as models from '@kubernetes/client-node';

/** A model class of the client, which is generated from the API's OpenAPI document. */
interface Model {
  getAttributeTypeMap(): readonly {
    readonly name: string;
    readonly baseName: string;
    readonly type: string;
    readonly format: string;
  }[];
}

const folder = join(dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node')), 'gen/models');

/** The release of Kubernetes whose OpenAPI document the models are generated from: `v1.34.0`. */
export function modelsVersion(): string | undefined {
  return /OpenAPI spec version: (\S+)/.exec(readFileSync(join(folder, 'V1Deployment.js'), 'utf8'))?.[1];
}

/** Fields that the models' declarations do not mark as optional. */
function requiredOf(type: string): string[] {
  const text = readFileSync(join(folder, `${type}.d.ts`), 'utf8');
  return [...text.matchAll(/^ {4}'(\w+)': /gm)].flatMap(([, field]) => field ?? []);
}

/**
 * What of an object the API's types do not allow, each as `path: message`: fields that they have not, values of another
 * type, required fields that are missing. `type` is a model's name, `V1Deployment`.
 */
export function strictFindings(object: unknown, type: string): string[] {
  return valueFindings(object, type, '', type);
}

function valueFindings(value: unknown, type: string, format: string, path: string): string[] {
  const list = /^(?:Array|Set)<(.+)>$/.exec(type);
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type);
  if (list?.[1] !== undefined) {
    const item = list[1];
    if (!Array.isArray(value)) return [`${path}: ${kindOf(value)} where a list is wanted`];
    return value.flatMap((one, index) => valueFindings(one, item, format, `${path}[${index}]`));
  }
  if (map?.[1] !== undefined) {
    const inner = map[1];
    if (!isMap(value)) return [`${path}: ${kindOf(value)} where a map is wanted`];
    return Object.entries(value).flatMap(([key, one]) => valueFindings(one, inner, format, `${path}.${key}`));
  }
  const plain = plainTypes[type];
  if (plain !== undefined) return plain(value, format) ? [] : [`${path}: ${kindOf(value)} where ${type} is wanted`];
  const model = modelOf(type);
  if (model === undefined) return [`${path}: the models have no type ${type}`];
  if (!isMap(value)) return [`${path}: ${kindOf(value)} where ${type} is wanted`];
  const attributes = model.getAttributeTypeMap();
  const missing = requiredOf(type).filter((field) => value[field] === undefined);
  const wrong = Object.entries(value).flatMap(([key, one]) => {
    const attribute = attributes.find(({ baseName }) => baseName === key);
    if (attribute === undefined) return [`${path}.${key}: ${type} has no such field`];
    return valueFindings(one, attribute.type, attribute.format, `${path}.${key}`);
  });
  return [...missing.map((field) => `${path}: required field ${field} is missing`), ...wrong];
}

const plainTypes: Readonly<Record<string, (value: unknown, format: string) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value, format) => typeof value === 'number' && (!format.startsWith('int') || Number.isInteger(value)),
  IntOrString: (value) => typeof value === 'string' || Number.isInteger(value),
  Date: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  V1MicroTime: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  any: () => true,
};

function modelOf(type: string): Model | undefined {
  const found: unknown = Object.entries(models).find(([name]) => name === type)?.[1];
  return isModel(found) ? found : undefined;
}

function isModel(value: unknown): value is Model {
  return typeof value === 'function' && 'getAttributeTypeMap' in value;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value;
}
