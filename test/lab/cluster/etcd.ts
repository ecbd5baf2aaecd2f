// One etcd member: its process, and what its own tools do with it.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LabProcess } from '../processes/start.js';
import { run } from '../processes/run.js';
import { waitFor } from '../processes/wait.js';
import { ports, type ControlPlaneSpec } from './control-plane-spec.js';

const client = `http://127.0.0.1:${ports.etcd}`;
const peer = `http://127.0.0.1:${ports.etcdPeer}`;
/** The same member by another port, so that one API server can be cut off from it and the other not. */
const second = `http://127.0.0.1:${ports.secondEtcd}`;

export const etcdUrls = { first: client, second } as const;

export interface Etcd {
  start(): Promise<void>;
  kill(): Promise<void>;
  process(): LabProcess | undefined;
  /** Forgets every revision before the present one and gives the present one. */
  compact(): Promise<number>;
  saveSnapshot(file: string): Promise<void>;
  /** Replaces the data; the member must be stopped. */
  restoreSnapshot(file: string): Promise<void>;
}

export function createEtcd(spec: ControlPlaneSpec): Etcd {
  const { cluster, binaries, networkNamespace } = spec;
  const dataFolder = join(spec.folder, 'etcd');
  const tool = (program: 'etcdctl' | 'etcdutl', ...args: readonly string[]): Promise<string> =>
    run([...binaries[program], ...args], { networkNamespace });
  const etcdctl = (...args: readonly string[]): Promise<string> =>
    tool('etcdctl', '--endpoints', client, '--command-timeout', '10s', ...args);
  const membership = [
    '--name',
    cluster,
    '--initial-cluster',
    `${cluster}=${peer}`,
    '--initial-advertise-peer-urls',
    peer,
  ];
  let member: LabProcess | undefined;

  return {
    async start() {
      const flags = ['--data-dir', dataFolder, ...membership, '--listen-peer-urls', peer];
      const listen = ['--listen-client-urls', `${client},${second}`, '--advertise-client-urls', client];
      const quick = ['--unsafe-no-fsync', '--log-level', 'warn'];
      // As kubeadm sets it: without, an idle kind's watches get no bookmark for 10 minutes.
      const progress = ['--watch-progress-notify-interval', '5s'];
      // Health only, no data: the harness stands outside the namespace.
      const health = `http://${spec.address}:${ports.etcdHealth}`;
      const watched = ['--listen-metrics-urls', health];
      const started = spec.start({
        name: 'etcd',
        command: [...binaries.etcd, ...flags, ...listen, ...watched, ...quick, ...progress],
      });
      member = started;
      await waitFor(`etcd of ${cluster} is healthy`, async () => (await fetch(`${health}/health`)).ok, {
        deadlineMs: 30_000,
        processes: [started],
      });
    },
    async kill() {
      await member?.kill();
    },
    process: () => member,
    async compact() {
      const [status] = JSON.parse(await etcdctl('endpoint', 'status', '--write-out', 'json')) as readonly [
        { readonly Status: { readonly header: { readonly revision: number } } },
      ];
      const { revision } = status.Status.header;
      await etcdctl('compact', '--physical', String(revision));
      return revision;
    },
    async saveSnapshot(file) {
      rmSync(file, { force: true });
      await etcdctl('snapshot', 'save', file);
    },
    async restoreSnapshot(file) {
      if (existsSync(dataFolder)) rmSync(dataFolder, { recursive: true });
      await tool('etcdutl', 'snapshot', 'restore', file, '--data-dir', dataFolder, ...membership);
    },
  };
}
