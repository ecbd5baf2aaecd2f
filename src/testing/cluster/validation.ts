import type { KubeObject } from '../../kube/object.js';
import type { ResourceType } from '../../kube/resource.js';
import { invalid, type StatusCause } from './api-error.js';
import { cleanCopy, equalJson, isList, isMap, listAt, mapAt, valueAt, type JsonMap } from './json.js';

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const required = (field: string, message = 'Required value'): StatusCause => ({
  reason: 'FieldValueRequired',
  message,
  field,
});
const wrong = (field: string, value: unknown, why: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  field,
});
const refused = (field: string, why: string): StatusCause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${why}`,
  field,
});

const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const labelNames = new Set(['Namespace', 'Service']);

function metadata(object: KubeObject): StatusCause[] {
  const { name, labels } = object.metadata;
  const found: StatusCause[] = [];
  if (name === '') found.push(required('metadata.name', 'Required value: name or generateName is required'));
  else if (labelNames.has(object.kind)) {
    if (name.length > 63 || !label.test(name)) found.push(wrong('metadata.name', name, labelRule));
  } else if (name.length > 253 || !subdomain.test(name)) found.push(wrong('metadata.name', name, subdomainRule));
  for (const value of Object.values(labels ?? {})) {
    if (value.length > 63) found.push(wrong('metadata.labels', value, 'must be no more than 63 bytes'));
    else if (!labelValue.test(value))
      found.push(
        wrong('metadata.labels', value, 'a valid label must be an empty string or consist of alphanumeric characters'),
      );
  }
  return found;
}

function podSpec(spec: JsonMap, at: string): StatusCause[] {
  const found: StatusCause[] = [];
  if (listAt(spec, 'containers').length === 0) found.push(required(`${at}.containers`));
  const names = new Set<unknown>();
  for (const list of ['containers', 'initContainers']) {
    listAt(spec, list).forEach((container, index) => {
      const here = `${at}.${list}[${index}]`;
      const name = valueAt(container, 'name');
      if (typeof name !== 'string' || name === '') found.push(required(`${here}.name`));
      else if (names.has(name))
        found.push({
          reason: 'FieldValueDuplicate',
          message: `Duplicate value: ${JSON.stringify(name)}`,
          field: `${here}.name`,
        });
      names.add(name);
      if (typeof valueAt(container, 'image') !== 'string') found.push(required(`${here}.image`));
    });
  }
  return found;
}

function workload(object: KubeObject, before: KubeObject | undefined): StatusCause[] {
  const spec = mapAt(object, 'spec');
  const found: StatusCause[] = [];
  const selector = spec['selector'];
  const labels = mapAt(spec, 'template', 'metadata', 'labels');
  if (!isMap(selector)) found.push(required('spec.selector'));
  else if (!Object.entries(mapAt(selector, 'matchLabels')).every(([key, value]) => labels[key] === value))
    found.push(wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  if (before !== undefined && !equalJson(valueAt(before, 'spec', 'selector'), selector))
    found.push(wrong('spec.selector', selector, 'field is immutable'));
  const replicas = spec['replicas'];
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0)
    found.push(wrong('spec.replicas', replicas, 'must be greater than or equal to 0'));
  return [...found, ...podSpec(mapAt(spec, 'template', 'spec'), 'spec.template.spec')];
}

/** The pod's spec without the fields that may change after it was created. */
function fixedPart(pod: KubeObject): unknown {
  const spec = cleanCopy(pod['spec']);
  if (!isMap(spec)) return spec;
  for (const field of ['nodeName', 'activeDeadlineSeconds', 'tolerations', 'schedulingGates'])
    Reflect.deleteProperty(spec, field);
  for (const container of [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')])
    if (isMap(container)) delete container['image'];
  return spec;
}

function pod(object: KubeObject, before: KubeObject | undefined): StatusCause[] {
  const found = podSpec(mapAt(object, 'spec'), 'spec');
  if (before === undefined) return found;
  const node = valueAt(before, 'spec', 'nodeName');
  const moved = node !== undefined && node !== valueAt(object, 'spec', 'nodeName');
  if (moved || !equalJson(fixedPart(before), fixedPart(object)))
    found.push(
      refused(
        'spec',
        'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
      ),
    );
  return found;
}

function service(object: KubeObject): StatusCause[] {
  const spec = mapAt(object, 'spec');
  const headless = spec['clusterIP'] === 'None';
  const ports = spec['ports'];
  if ((!isList(ports) || ports.length === 0) && !headless && spec['type'] !== 'ExternalName')
    return [required('spec.ports')];
  return listAt(spec, 'ports').flatMap((port, index) =>
    typeof valueAt(port, 'port') === 'number' ? [] : [required(`spec.ports[${index}].port`)],
  );
}

function immutable(object: KubeObject, before: KubeObject | undefined): StatusCause[] {
  if (before?.['immutable'] !== true) return [];
  return equalJson(before['data'], object['data'])
    ? []
    : [refused('data', 'field is immutable when `immutable` is set')];
}

const rules: Readonly<Record<string, (object: KubeObject, before: KubeObject | undefined) => StatusCause[]>> = {
  Pod: pod,
  Deployment: workload,
  ReplicaSet: workload,
  Service: service,
  ConfigMap: immutable,
  Secret: immutable,
  EndpointSlice: (object, before) => {
    if (object['addressType'] === undefined) return [required('addressType')];
    return before !== undefined && before['addressType'] !== object['addressType']
      ? [wrong('addressType', object['addressType'], 'field is immutable')]
      : [];
  },
};

/** Throws a 422 with all findings. Checks what the library relies on, not every rule of the API server. */
export function validate(type: ResourceType, object: KubeObject, before: KubeObject | undefined): void {
  const found = [...metadata(object), ...(rules[object.kind]?.(object, before) ?? [])];
  if (found.length > 0) throw invalid(type, object.metadata.name, found);
}
