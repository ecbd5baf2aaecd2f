import { readFileSync } from 'node:fs';
import { connectApi } from '../../contract/kubernetes/client.js';
import { waitFor } from '../processes/wait.js';
import { ports, type ControlPlaneSpec } from './control-plane-spec.js';

const quickClient = ['--kube-api-qps=300', '--kube-api-burst=600', '--leader-elect=false', '--profiling=false'];

/** Starts the controller manager and the scheduler. The API server must be ready: an earlier controller manager exits. */
export async function startControllers(spec: ControlPlaneSpec, adminKubeconfig: string): Promise<void> {
  const { cluster, binaries, certificates } = spec;
  const { file, writeKubeconfig } = certificates;
  const url = `https://${spec.address}:${ports.apiServer}`;
  const controller = { user: 'system:kube-controller-manager' };
  const controllerConfig = await writeKubeconfig('controller-manager.conf', controller, url);
  const schedulerConfig = await writeKubeconfig('scheduler.conf', { user: 'system:kube-scheduler' }, url);
  const manager = spec.start({
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
  });
  const scheduler = spec.start({
    name: 'kube-scheduler',
    command: [
      ...binaries['kube-scheduler'],
      `--kubeconfig=${schedulerConfig}`,
      `--authentication-kubeconfig=${schedulerConfig}`,
      `--authorization-kubeconfig=${schedulerConfig}`,
      '--bind-address=127.0.0.1',
      ...quickClient,
    ],
  });
  const api = connectApi(readFileSync(adminKubeconfig, 'utf8'));
  try {
    const account = '/api/v1/namespaces/default/serviceaccounts/default';
    // Pods are refused before.
    await waitFor(`the service account default of ${cluster}`, async () => (await api.get(account)).status === 200, {
      deadlineMs: 60_000,
      processes: [manager, scheduler],
    });
  } finally {
    api.close();
  }
}
