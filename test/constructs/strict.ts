import { readFileSync } from 'node:fs';

/** A schema as `prune-openapi.mjs` leaves it. */
interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean' | 'number';
  readonly format?: 'int32' | 'int64' | 'date-time' | 'int-or-string';
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly $ref?: string;
}

const document = JSON.parse(readFileSync(new URL('fixtures/kubernetes-1.34.json', import.meta.url), 'utf8')) as {
  readonly origin: string;
  readonly schemas: Readonly<Record<string, Schema>>;
};

/** Where the schemas come from. */
export const { origin } = document;

const texts: Schema = { type: 'object', additionalProperties: { type: 'string' } };
const metadata: Schema = { $ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };
const objectOf = (spec: Schema): Schema => ({
  type: 'object',
  properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata, spec },
});

/** Kinds that Kubernetes itself has not: what of them is used here. */
const custom: Readonly<Record<string, Schema>> = {
  'k8s.cni.cncf.io/v1 NetworkAttachmentDefinition': objectOf({
    type: 'object',
    properties: { config: { type: 'string' } },
  }),
  'autoscaling.k8s.io/v1 VerticalPodAutoscaler': objectOf({
    type: 'object',
    required: ['targetRef'],
    properties: {
      targetRef: { $ref: 'io.k8s.api.autoscaling.v2.CrossVersionObjectReference' },
      updatePolicy: { type: 'object', properties: { updateMode: { type: 'string' } } },
      resourcePolicy: {
        type: 'object',
        properties: {
          containerPolicies: {
            type: 'array',
            items: {
              type: 'object',
              properties: {
                containerName: { type: 'string' },
                controlledResources: { type: 'array', items: { type: 'string' } },
                minAllowed: texts,
                maxAllowed: texts,
              },
            },
          },
        },
      },
    },
  }),
};

/** Groups whose name in the schemas is not their first word. */
const groups: Readonly<Record<string, string>> = { '': 'core', 'rbac.authorization.k8s.io': 'rbac' };

/** The schema of `apps/v1 Deployment` is `io.k8s.api.apps.v1.Deployment`. */
function schemaName(apiVersion: string, kind: string): string {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return `io.k8s.api.${groups[group] ?? group.split('.')[0] ?? ''}.${version}.${kind}`;
}

/**
 * What of an object the API of Kubernetes 1.34 does not allow, each as `path: message`: fields that it does not know,
 * values of another type, required fields that are missing, and nulls, which it would take for absent.
 */
export function strictFindings(object: unknown): string[] {
  if (!isMap(object)) return [`${kindOf(object)} where an object is wanted`];
  const { apiVersion, kind } = object;
  const own = custom[`${String(apiVersion)} ${String(kind)}`];
  if (own !== undefined) return check(object, own, '');
  const name = schemaName(String(apiVersion), String(kind));
  return name in document.schemas
    ? check(object, { $ref: name }, '')
    : [`${String(apiVersion)} ${String(kind)} is not among the schemas`];
}

function check(value: unknown, schema: Schema, path: string): string[] {
  const { $ref, oneOf, type, items, properties, required = [], additionalProperties } = schema;
  if ($ref !== undefined) {
    const target = document.schemas[$ref];
    if (target === undefined) throw new Error(`${$ref} is not among the schemas`);
    return check(value, target, path);
  }
  if (oneOf !== undefined) {
    const fits = oneOf.some((one) => check(value, one, path).length === 0);
    return fits ? [] : wrong(value, oneOf.map((one) => one.type).join(' or '), path);
  }
  if (type === 'array' && items !== undefined) {
    if (!Array.isArray(value)) return wrong(value, type, path);
    return value.flatMap((item, index) => check(item, items, `${path}[${index}]`));
  }
  if (type === 'object') {
    if (!isMap(value)) return wrong(value, type, path);
    const missing = required.filter((key) => value[key] === undefined);
    const inner = Object.entries(value).flatMap(([key, one]) => {
      const known = properties?.[key] ?? additionalProperties;
      const place = path === '' ? key : `${path}.${key}`;
      if (known !== undefined) return check(one, known, place);
      // A map of any form says nothing of its keys.
      return properties === undefined ? [] : [`${place}: unknown field`];
    });
    return [...missing.map((key) => `${path === '' ? key : `${path}.${key}`}: is missing`), ...inner];
  }
  return isPlain(value, schema) ? [] : wrong(value, schema.format ?? type ?? 'nothing known', path);
}

function isPlain(value: unknown, { type, format }: Schema): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value) && (format !== 'int32' || Math.abs(Number(value)) < 2 ** 31);
    case 'string':
      return typeof value === 'string' && (format !== 'date-time' || !Number.isNaN(Date.parse(value)));
    case 'number':
    case 'boolean':
      return typeof value === type;
    default:
      return false;
  }
}

const wrong = (value: unknown, wanted: string, path: string): string[] => [
  `${path}: ${kindOf(value)} where ${wanted} is wanted`,
];

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  return Array.isArray(value) ? 'array' : typeof value;
}
