import { readFileSync } from 'node:fs';
import { connectApi } from '../../contract/kubernetes/client.js';
import type { LabProcess } from '../processes/start.js';
import { waitFor } from '../processes/wait.js';
import { ports, type ControlPlaneSpec } from './control-plane-spec.js';

const quickClient = ['--kube-api-qps=300', '--kube-api-burst=600', '--leader-elect=false', '--profiling=false'];

/** The controller manager and the scheduler. */
export interface Controllers {
  /** The API server must be ready: an earlier controller manager exits. */
  start(): Promise<void>;
  kill(): Promise<void>;
}

export async function createControllers(spec: ControlPlaneSpec, adminKubeconfig: string): Promise<Controllers> {
  const { binaries, certificates } = spec;
  const { file, writeKubeconfig } = certificates;
  const url = `https://${spec.address}:${ports.apiServer}`;
  const controller = { user: 'system:kube-controller-manager' };
  const controllerConfig = await writeKubeconfig('controller-manager.conf', controller, url);
  const schedulerConfig = await writeKubeconfig('scheduler.conf', { user: 'system:kube-scheduler' }, url);
  const manager = {
    name: 'kube-controller-manager',
    command: [
      ...binaries['kube-controller-manager'],
      `--kubeconfig=${controllerConfig}`,
      `--authentication-kubeconfig=${controllerConfig}`,
      `--authorization-kubeconfig=${controllerConfig}`,
      '--bind-address=127.0.0.1',
      '--use-service-account-credentials',
      `--service-account-private-key-file=${file('sa.key')}`,
      `--root-ca-file=${file('ca.crt')}`,
      '--node-monitor-grace-period=20s',
      '--node-monitor-period=2s',
      '--horizontal-pod-autoscaler-sync-period=5s',
      ...quickClient,
    ],
  };
  const scheduler = {
    name: 'kube-scheduler',
    command: [
      ...binaries['kube-scheduler'],
      `--kubeconfig=${schedulerConfig}`,
      `--authentication-kubeconfig=${schedulerConfig}`,
      `--authorization-kubeconfig=${schedulerConfig}`,
      '--bind-address=127.0.0.1',
      ...quickClient,
    ],
  };
  let running: readonly LabProcess[] = [];
  return {
    async start() {
      running = [manager, scheduler].map((process) => spec.start(process));
      await podsAreTaken(spec.cluster, adminKubeconfig, running);
    },
    async kill() {
      await Promise.all(running.map((process) => process.kill()));
    },
  };
}

/** Until then the API server refuses them. */
async function podsAreTaken(cluster: string, adminKubeconfig: string, processes: readonly LabProcess[]): Promise<void> {
  const api = connectApi(readFileSync(adminKubeconfig, 'utf8'));
  const account = '/api/v1/namespaces/default/serviceaccounts/default';
  try {
    await waitFor(`the service account default of ${cluster}`, async () => (await api.get(account)).status === 200, {
      deadlineMs: 60_000,
      processes,
    });
  } finally {
    api.close();
  }
}
