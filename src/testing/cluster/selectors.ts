import type { KubeObject } from '../../kube/object.js';
import { apiVersionOf, type ResourceType } from '../../kube/resource.js';
import { badRequest } from './api-error.js';
import { valueAt } from './json.js';

export type Matcher = (object: KubeObject) => boolean;

type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

const requirement =
  /^(?<not>!)?\s*(?<key>[A-Za-z0-9][-A-Za-z0-9_./]*)\s*(?:(?<op>==|=|!=|>|<|\s(?:not)?in)\s*(?<value>.*))?$/s;

function labelTest(text: string): LabelTest {
  const { not, key, op, value } = requirement.exec(text.trim())?.groups ?? {};
  if (key === undefined) throw badRequest(`unable to parse requirement: found '${text.trim()}', expected: identifier`);
  const has = (labels: Readonly<Record<string, string>>): boolean => Object.hasOwn(labels, key);
  if (op === undefined) return not === undefined ? has : (labels) => !has(labels);
  if (not !== undefined) throw badRequest(`unable to parse requirement: '${text.trim()}'`);
  const wanted = (value ?? '').trim();
  if (op === '=' || op === '==') return (labels) => labels[key] === wanted;
  if (op === '!=') return (labels) => labels[key] !== wanted;
  if (op === '>') return (labels) => has(labels) && Number(labels[key]) > Number(wanted);
  if (op === '<') return (labels) => has(labels) && Number(labels[key]) < Number(wanted);
  const set = /^\((.*)\)$/s.exec(wanted)?.[1];
  if (set === undefined) throw badRequest(`unable to parse requirement: found '${wanted}', expected: '('`);
  const values = new Set(set.split(',').map((item) => item.trim()));
  const inside: LabelTest = (labels) => has(labels) && values.has(labels[key] ?? '');
  return op.trim() === 'in' ? inside : (labels) => !inside(labels);
}

/** `app=a,env!=prod,zone in (a,b),!debug`. Throws 400. */
export function labelMatcher(selector: string): Matcher {
  if (selector.trim() === '') return () => true;
  const tests = selector.split(/,(?![^(]*\))/).map(labelTest);
  return (object) => tests.every((test) => test(object.metadata.labels ?? {}));
}

const everyKind = ['metadata.name', 'metadata.namespace'];

/** Further fields that Kubernetes lets a client select by. */
const selectable: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'status.phase', 'status.podIP'],
  Namespace: ['status.phase'],
  Node: ['spec.unschedulable'],
  ReplicaSet: ['status.replicas'],
  Secret: ['type'],
  Service: ['spec.clusterIP', 'spec.type'],
  Event: [
    'involvedObject.kind',
    'involvedObject.name',
    'involvedObject.namespace',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'reason',
    'reportingComponent',
    'type',
  ],
};

/** `metadata.name=a,status.phase!=Running`. Throws 400 for a field that the kind can't be selected by. */
export function fieldMatcher(type: ResourceType, selector: string): Matcher {
  if (selector.trim() === '') return () => true;
  const known = [...everyKind, ...(selectable[type.kind] ?? [])];
  const tests = selector.split(',').map((text) => {
    const { field, op, value } = /^(?<field>[^=!]+)(?<op>!=|==?)(?<value>.*)$/s.exec(text.trim())?.groups ?? {};
    if (field === undefined) throw badRequest(`invalid selector: '${selector}'; can't understand '${text}'`);
    if (!known.includes(field))
      throw badRequest(
        `Unable to find ${JSON.stringify(`${type.group}/${type.version}, Resource=${type.plural}`)} that match label selector "", field selector ${JSON.stringify(selector)}: field label not supported: ${field}`,
      );
    const read = (object: KubeObject): string => {
      const found = valueAt(object, ...field.split('.'));
      return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? String(found) : '';
    };
    const fallback = field === 'spec.unschedulable' ? 'false' : '';
    return (object: KubeObject): boolean => ((read(object) || fallback) === value) === (op !== '!=');
  });
  return (object) => tests.every((test) => test(object));
}

/** What a request selects in a collection. */
export function matcherOf(
  type: ResourceType,
  query: URLSearchParams,
  namespace: string | undefined,
  name?: string,
): Matcher {
  const labels = labelMatcher(query.get('labelSelector') ?? '');
  const fields = fieldMatcher(type, query.get('fieldSelector') ?? '');
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (name === undefined || object.metadata.name === name) &&
    labels(object) &&
    fields(object);
}

export const groupVersionKind = (type: ResourceType): string => `${apiVersionOf(type)}, Kind=${type.kind}`;
