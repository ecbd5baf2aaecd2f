import { readFileSync } from 'node:fs';
import { connectApi } from '../../contract/kubernetes/client.js';
import type { ClusterInfo } from '../cluster/lab-cluster.js';
import { readRecord, type Made } from '../lab/record.js';
import { addressesOf } from '../network/addresses.js';
import { isAlive } from '../processes/identity.js';
import { descendantsOf, memoryOf } from '../processes/memory.js';
import { findLabs, standingLab } from './standing-lab.js';

export interface ProcessStatus {
  readonly name: string;
  readonly pid: number;
  readonly running: boolean;
  /** With all that it started: of a node's process 1, its pods. */
  readonly memoryBytes: number;
}

export interface ClusterStatus {
  readonly name: string;
  readonly idc: string;
  readonly url: string;
  readonly kubeconfig: string;
  readonly logFolder: string;
  /** What its API server says of them; absent when it does not answer. */
  readonly nodes: readonly { readonly name: string; readonly address: string; readonly ready?: boolean }[];
  readonly processes: readonly ProcessStatus[];
  readonly memoryBytes: number;
}

export interface LabStatus {
  readonly folder: string;
  readonly pid: number;
  readonly since: string;
  readonly range: string;
  readonly kubeconfig: string;
  readonly clusters: readonly ClusterStatus[];
  readonly memoryBytes: number;
  /** Labs of tests and demos, and dead ones. */
  readonly others: readonly { readonly folder: string; readonly pid: number; readonly running: boolean }[];
}

type Recorded = Made & { readonly kind: 'process' };

/** The processes of a cluster and its nodes, of those with one name the last: it was started in the place of the others. */
export function processesOf(cluster: ClusterInfo, record: readonly Made[]): readonly Recorded[] {
  const owners = [cluster.name, ...cluster.nodes.map(({ name }) => name)];
  const own = record.filter(
    (made): made is Recorded => made.kind === 'process' && owners.some((owner) => made.name.startsWith(`${owner} `)),
  );
  return [...new Map(own.map((made) => [made.name, made])).values()];
}

interface NodeList {
  readonly items?: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

const answersWithinMs = 5_000;

/** By node; empty when the API server does not answer. */
async function readiness({ kubeconfig }: ClusterInfo): Promise<ReadonlyMap<string, boolean>> {
  const api = connectApi(readFileSync(kubeconfig, 'utf8'));
  const late = setTimeout(() => api.close(), answersWithinMs);
  try {
    const { items = [] } = (await api.get('/api/v1/nodes')).body as NodeList;
    const isReady = (conditions: readonly { readonly type: string; readonly status: string }[] = []): boolean =>
      conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
    return new Map(items.map(({ metadata, status: { conditions } }) => [metadata.name, isReady(conditions)]));
  } catch {
    return new Map();
  } finally {
    clearTimeout(late);
    api.close();
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

export async function status(): Promise<LabStatus> {
  const labs = findLabs();
  const { slot, owner, standing } = standingLab(labs);
  const record = readRecord(slot.recordFile);
  const answers = await Promise.all(standing.clusters.map(readiness));
  const table = descendantsOf(owner.pid);
  const clusters = standing.clusters.map((cluster, at): ClusterStatus => {
    const { name, idc, url, kubeconfig, logFolder } = cluster;
    const ready = answers[at];
    const recorded = processesOf(cluster, record);
    const memory = memoryOf(
      recorded.map(({ pid }) => pid),
      table,
    );
    const processes = recorded.map((made): ProcessStatus => ({
      name: made.name,
      pid: made.pid,
      running: isAlive(made),
      memoryBytes: memory.get(made.pid) ?? 0,
    }));
    const nodes = cluster.nodes.map((node) => {
      const isReady = ready?.get(node.name);
      return isReady === undefined ? node : { ...node, ready: isReady };
    });
    const memoryBytes = sum(processes.map((process) => process.memoryBytes));
    return { name, idc, url, kubeconfig, logFolder, nodes, processes, memoryBytes };
  });
  return {
    folder: slot.folder,
    pid: owner.pid,
    since: standing.since,
    range: addressesOf(slot.number).range,
    kubeconfig: standing.kubeconfig,
    clusters,
    memoryBytes: sum(table.map(({ bytes }) => bytes)),
    others: labs
      .filter((lab) => lab.slot.number !== slot.number)
      .map((lab) => ({ folder: lab.slot.folder, pid: lab.owner.pid, running: lab.alive })),
  };
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const readyWord = (ready: boolean | undefined): string =>
  ready === undefined ? 'unknown' : ready ? 'ready' : 'NotReady';

/** For people. */
export function statusText({ folder, pid, since, range, clusters, memoryBytes, others }: LabStatus): string {
  const lines = [`lab of process ${pid} since ${since}: ${range}, ${megabytes(memoryBytes)}, ${folder}`];
  for (const { name, idc, url, nodes, processes, memoryBytes: bytes } of clusters) {
    lines.push('', `${name} in ${idc}: ${url}, ${megabytes(bytes)}`);
    for (const node of nodes) lines.push(`  node ${node.name}  ${node.address}  ${readyWord(node.ready)}`);
    for (const process of processes) {
      const state = process.running ? megabytes(process.memoryBytes) : 'ENDED';
      lines.push(`  ${String(process.pid).padStart(7)}  ${state.padStart(7)}  ${process.name}`);
    }
  }
  const stopped = clusters.flatMap(({ processes, logFolder }) =>
    processes.filter(({ running }) => !running).map(({ name }) => `${name} has ended: its log is in ${logFolder}`),
  );
  if (stopped.length > 0) lines.push('', ...stopped, 'start afresh: npm run lab -- down, then npm run lab -- up');
  for (const other of others)
    lines.push('', `${other.running ? 'another lab' : 'a dead lab'}: process ${other.pid}, ${other.folder}`);
  return lines.join('\n');
}
