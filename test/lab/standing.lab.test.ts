import { describe, expect, it } from 'vitest';
import type { ClusterInfo } from './cluster/lab-cluster.js';
import type { Made } from './lab/record.js';
import { memoryOf } from './processes/memory.js';
import { mergeKubeconfigs } from './standing/kubeconfig.js';
import { standingLab, type FoundLab, type Standing } from './standing/standing-lab.js';
import { processesOf, statusText, type LabStatus } from './standing/status.js';

const cluster: ClusterInfo = {
  name: 'bc-a',
  idc: 'bc',
  kubeconfig: '/lab/bc-a/admin.conf',
  url: 'https://10.77.1.1:6443',
  logFolder: '/lab/bc-a/logs',
  nodes: [{ name: 'bc-a-1', address: '10.77.17.1' }],
};
const standing: Standing = {
  since: '2026-01-01T00:00:00.000Z',
  kubeconfig: '/lab/kubeconfig',
  programs: '/lab/bin',
  clusters: [cluster],
};
const found = (number: number, alive: boolean, standing?: Standing): FoundLab => ({
  slot: { number, folder: `/lab/${number}`, prefix: `ykl${number}`, recordFile: `/lab/${number}/record.jsonl` },
  owner: { pid: 100 + number, startTicks: '1' },
  alive,
  standing,
});

describe('the lab that is up for people', () => {
  it('is the living one that says so, beside those of tests and a dead one', () => {
    const labs = [found(0, true), found(1, false, standing), found(2, true, standing)];
    expect(standingLab(labs).slot.number).toBe(2);
  });

  it.each<[string, readonly FoundLab[], string]>([
    ['nobody has a lab', [], 'no lab is up\n  start one, in a terminal of its own: npm run lab -- up'],
    ['only a test has one', [found(0, true)], 'no lab is up\n  start one'],
    ['one is starting', [found(0, true, { ...standing, clusters: [] })], 'the lab of process 100 is still starting'],
    [
      'one has died',
      [found(0, true), found(3, false, standing)],
      'one has died: its process 103 is gone, /lab/3 is left\n  take away what it left: npm run lab -- down',
    ],
  ])('is none when %s, and that says what to do', (_, labs, message) => {
    expect(() => standingLab(labs)).toThrow(message);
  });
});

describe('the kubeconfig of a lab', () => {
  const config = (name: string): string =>
    JSON.stringify({
      clusters: [{ name, cluster: {} }],
      users: [{ name: `${name}-admin`, user: {} }],
      contexts: [{ name, context: { cluster: name, user: `${name}-admin` } }],
      'current-context': name,
    });

  it('has a context for each cluster, and begins with the first', () => {
    expect(JSON.parse(mergeKubeconfigs([config('bc-a'), config('bc-b')]))).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'bc-a', cluster: {} },
        { name: 'bc-b', cluster: {} },
      ],
      users: [
        { name: 'bc-a-admin', user: {} },
        { name: 'bc-b-admin', user: {} },
      ],
      contexts: [
        { name: 'bc-a', context: { cluster: 'bc-a', user: 'bc-a-admin' } },
        { name: 'bc-b', context: { cluster: 'bc-b', user: 'bc-b-admin' } },
      ],
      'current-context': 'bc-a',
    });
  });
});

describe('the memory of processes', () => {
  const entry = (pid: number, parent: number, bytes: number) => ({ pid, parent, bytes });

  it('is that of what they started too, each counted once', () => {
    const table = [entry(1, 0, 5), entry(10, 1, 100), entry(11, 10, 20), entry(12, 11, 3), entry(20, 12, 1_000)];
    expect([...memoryOf([10, 20], table)]).toEqual([
      [10, 123],
      [20, 1_000],
    ]);
  });

  it('is none of one that is gone', () => {
    expect(memoryOf([7], [entry(1, 0, 5)]).get(7)).toBe(0);
  });
});

describe('the status of a lab', () => {
  const process = (name: string, pid: number): Made => ({ kind: 'process', name, pid, startTicks: '1' });

  it("counts as a cluster's what is its own or of its nodes, and of two with one name the later", () => {
    const record = [
      { kind: 'link', name: 'ykl0' } as const,
      process('bc-a kube-apiserver', 1),
      process('bc-a-1 init', 2),
      process('bc-a-10 init', 3),
      process('bc-ab etcd', 4),
      process('bc-a kube-apiserver', 5),
    ];
    expect(processesOf(cluster, record).map(({ name, pid }) => [name, pid])).toEqual([
      ['bc-a kube-apiserver', 5],
      ['bc-a-1 init', 2],
    ]);
  });

  it('says which process has ended, where its log is, and how to start afresh', () => {
    const etcd = { name: 'bc-a etcd', pid: 7, running: false, memoryBytes: 0 };
    const status: LabStatus = {
      folder: '/lab/0',
      pid: 100,
      since: standing.since,
      range: '10.77.0.0/16',
      kubeconfig: standing.kubeconfig,
      clusters: [{ ...cluster, nodes: [{ ...cluster.nodes[0]!, ready: false }], processes: [etcd], memoryBytes: 2e6 }],
      memoryBytes: 3e6,
      others: [{ folder: '/lab/1', pid: 101, running: false }],
    };
    expect(statusText(status).split('\n')).toEqual([
      'lab of process 100 since 2026-01-01T00:00:00.000Z: 10.77.0.0/16, 3 MB, /lab/0',
      '',
      'bc-a in bc: https://10.77.1.1:6443, 2 MB',
      '  node bc-a-1  10.77.17.1  NotReady',
      '        7    ENDED  bc-a etcd',
      '',
      'bc-a etcd has ended: its log is in /lab/bc-a/logs',
      'start afresh: npm run lab -- down, then npm run lab -- up',
      '',
      'a dead lab: process 101, /lab/1',
    ]);
  });
});
