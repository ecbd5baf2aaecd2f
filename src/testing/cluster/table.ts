import type { KubeObject } from '../../kube/object.js';
import { listAt, mapAt, valueAt } from './json.js';
import type { Kind } from './kinds.js';
import type { Page } from './list.js';

type Cell = string | number;

interface Column {
  readonly name: string;
  readonly cell: (object: KubeObject) => Cell;
  /** Only in `-o wide`. */
  readonly wide?: boolean;
}

/** True when the client would rather have rows than objects, as plain `kubectl get` does. */
export const wantsTable = (accept: string): boolean => /as=Table;v=v1(;|,|$)/.test(accept);

const text = (value: unknown, otherwise: string): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
const names = (list: readonly unknown[], field: string): string =>
  list.length === 0 ? '<unset>' : list.map((item) => text(valueAt(item, field), '')).join(',');

/** `5s`, `3m`, `2h`, `4d`. */
export function ageText(since: unknown, now = Date.now()): string {
  const from = typeof since === 'string' ? Date.parse(since) : Number.NaN;
  if (Number.isNaN(from)) return '<unknown>';
  const seconds = Math.max(0, Math.floor((now - from) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

const at = (name: string, ...path: readonly string[]): Column => ({
  name,
  cell: (object) => text(valueAt(object, ...path), '<none>'),
});
const number = (name: string, ...path: readonly string[]): Column => ({
  name,
  cell: (object) => count(valueAt(object, ...path)),
});
const wide = (column: Column): Column => ({ ...column, wide: true });
const age: Column = { name: 'Age', cell: (object) => ageText(object.metadata.creationTimestamp) };

const statuses = (pod: KubeObject): unknown[] => listAt(pod, 'status', 'containerStatuses');

function podStatus(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const waiting = statuses(pod)
    .map((status) => valueAt(status, 'state', 'waiting', 'reason') ?? valueAt(status, 'state', 'terminated', 'reason'))
    .find((reason) => typeof reason === 'string');
  return text(waiting ?? valueAt(pod, 'status', 'reason'), text(valueAt(pod, 'status', 'phase'), 'Unknown'));
}

function readiness(node: KubeObject): string {
  const ready = listAt(node, 'status', 'conditions').find((condition) => valueAt(condition, 'type') === 'Ready');
  const state = valueAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  return valueAt(node, 'spec', 'unschedulable') === true ? `${state},SchedulingDisabled` : state;
}

const servicePort = (port: unknown): string =>
  `${text(valueAt(port, 'port'), '')}/${text(valueAt(port, 'protocol'), '')}`;

const columns: Readonly<Record<string, readonly Column[]>> = {
  Pod: [
    {
      name: 'Ready',
      cell: (pod) =>
        `${statuses(pod).filter((status) => valueAt(status, 'ready') === true).length}/${listAt(pod, 'spec', 'containers').length}`,
    },
    { name: 'Status', cell: podStatus },
    {
      name: 'Restarts',
      cell: (pod) => statuses(pod).reduce<number>((sum, status) => sum + count(valueAt(status, 'restartCount')), 0),
    },
    age,
    wide(at('IP', 'status', 'podIP')),
    wide(at('Node', 'spec', 'nodeName')),
  ],
  Deployment: [
    {
      name: 'Ready',
      cell: (object) =>
        `${count(valueAt(object, 'status', 'readyReplicas'))}/${count(valueAt(object, 'spec', 'replicas'))}`,
    },
    number('Up-to-date', 'status', 'updatedReplicas'),
    number('Available', 'status', 'availableReplicas'),
    age,
  ],
  ReplicaSet: [
    number('Desired', 'spec', 'replicas'),
    number('Current', 'status', 'replicas'),
    number('Ready', 'status', 'readyReplicas'),
    age,
  ],
  Service: [
    at('Type', 'spec', 'type'),
    at('Cluster-IP', 'spec', 'clusterIP'),
    { name: 'External-IP', cell: () => '<none>' },
    { name: 'Port(s)', cell: (service) => listAt(service, 'spec', 'ports').map(servicePort).join(',') },
    age,
  ],
  EndpointSlice: [
    at('AddressType', 'addressType'),
    { name: 'Ports', cell: (slice) => names(listAt(slice, 'ports'), 'port') },
    {
      name: 'Endpoints',
      cell: (slice) =>
        listAt(slice, 'endpoints')
          .map((endpoint) => text(listAt(endpoint, 'addresses')[0], ''))
          .join(',') || '<unset>',
    },
    age,
  ],
  Node: [{ name: 'Status', cell: readiness }, age, at('Version', 'status', 'nodeInfo', 'kubeletVersion')],
  Namespace: [at('Status', 'status', 'phase'), age],
  Lease: [at('Holder', 'spec', 'holderIdentity'), age],
  Secret: [at('Type', 'type'), { name: 'Data', cell: (object) => Object.keys(mapAt(object, 'data')).length }, age],
  ConfigMap: [{ name: 'Data', cell: (object) => Object.keys(mapAt(object, 'data')).length }, age],
  Event: [
    { name: 'Last Seen', cell: (event) => ageText(event['lastTimestamp'] ?? event['eventTime']) },
    at('Type', 'type'),
    at('Reason', 'reason'),
    {
      name: 'Object',
      cell: (event) => {
        const about = mapAt(event, 'involvedObject');
        return `${text(about['kind'], '').toLowerCase()}/${text(about['name'], '')}`;
      },
    },
    at('Message', 'message'),
  ],
};

const columnsOf = (kind: Kind): readonly Column[] => {
  const own = columns[kind.type.kind] ?? [age];
  return kind.type.kind === 'Event' ? own : [at('Name', 'metadata', 'name'), ...own];
};

const definitionsOf = (kind: Kind): unknown[] =>
  columnsOf(kind).map((column) => ({
    name: column.name,
    type: 'string',
    format: column.name === 'Name' ? 'name' : '',
    description: '',
    priority: column.wide === true ? 1 : 0,
  }));

const rowOf = (kind: Kind, object: KubeObject): unknown => ({
  cells: columnsOf(kind).map((column) => column.cell(object)),
  object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
});

/** A page, or one object, as rows. */
export function tableOf(kind: Kind, page: Page): Record<string, unknown> {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: page.metadata,
    columnDefinitions: definitionsOf(kind),
    rows: page.items.map((object) => rowOf(kind, object)),
  };
}

/** One watch event's object; the first carries the columns. */
export function tableEvent(kind: Kind, object: KubeObject, first: boolean): Record<string, unknown> {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: object.metadata.resourceVersion },
    columnDefinitions: first ? definitionsOf(kind) : null,
    rows: [rowOf(kind, object)],
  };
}
