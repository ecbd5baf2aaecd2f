// The API's types leave most fields out when they are empty: a client that sends `paused: false` or `volumes: []` does not
// get it back, and nothing is stored.
import { isList, isMap, type JsonMap } from './json.js';

/** Fields that are maps of names to values; other empty objects, such as `emptyDir: {}`, say something. */
const maps = new Set([
  'labels',
  'annotations',
  'matchLabels',
  'data',
  'binaryData',
  'stringData',
  'nodeSelector',
  'limits',
  'requests',
  'capacity',
  'allocatable',
  'deprecatedTopology',
]);

/** Lists that are written even when empty. */
const keptLists = new Set(['addresses', 'containers']);

const falses = new Set([
  'paused',
  'unschedulable',
  'hostNetwork',
  'hostPID',
  'hostIPC',
  'readOnly',
  'stdin',
  'stdinOnce',
  'tty',
  'publishNotReadyAddresses',
]);

const zeros = new Set([
  'minReadySeconds',
  'hostPort',
  'nodePort',
  'targetPort',
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
  'count',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'fullyLabeledReplicas',
  'terminatingReplicas',
]);

const texts = new Set([
  'value',
  'workingDir',
  'subPath',
  'serviceAccountName',
  'hostname',
  'medium',
  'reason',
  'message',
  'podCIDR',
  'podIP',
  'hostIP',
]);

const isOmitted = (name: string, value: unknown): boolean => {
  if (isList(value)) return value.length === 0 && !keptLists.has(name);
  if (isMap(value)) return maps.has(name) && Object.keys(value).length === 0;
  return (value === false && falses.has(name)) || (value === 0 && zeros.has(name)) || (value === '' && texts.has(name));
};

function omitEmpty(value: unknown): void {
  if (isList(value)) value.forEach(omitEmpty);
  if (!isMap(value)) return;
  for (const [name, item] of Object.entries(value)) {
    if (isOmitted(name, item)) Reflect.deleteProperty(value, name);
    // What stands in a map is the client's own, an empty text too.
    else if (!maps.has(name)) omitEmpty(item);
  }
}

/** Leaves them out of `object`, which must be the caller's own. */
export function omitEmptyFields(kind: string, object: JsonMap): void {
  omitEmpty(object);
  const { spec, status } = object;
  if (kind === 'Service' && isMap(spec) && isMap(spec['selector']) && Object.keys(spec['selector']).length === 0)
    delete spec['selector'];
  if (kind === 'Deployment' && isMap(status) && status['replicas'] === 0) delete status['replicas'];
}
