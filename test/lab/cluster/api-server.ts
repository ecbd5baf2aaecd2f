import { readFileSync } from 'node:fs';
import { connectApi } from '../../contract/kubernetes/client.js';
import type { LabProcess } from '../processes/start.js';
import { waitFor } from '../processes/wait.js';
import type { ControlPlaneSpec } from './control-plane-spec.js';

export interface ApiServerSpec {
  /** `kube-apiserver`, and another name for a second one. */
  readonly name: string;
  readonly port: number;
  readonly etcdUrl: string;
  /** An administrator's kubeconfig for this server. */
  readonly kubeconfig: string;
}

export interface ApiServer {
  /** Starts it and waits until it is ready. */
  start(): Promise<void>;
  kill(): Promise<void>;
  process(): LabProcess | undefined;
}

export function createApiServer(spec: ControlPlaneSpec, { name, port, etcdUrl, kubeconfig }: ApiServerSpec): ApiServer {
  const { cluster, address, binaries, certificates } = spec;
  const { file } = certificates;
  const command = [
    ...binaries['kube-apiserver'],
    `--etcd-servers=${etcdUrl}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    `--secure-port=${port}`,
    '--endpoint-reconciler-type=master-count',
    `--service-cluster-ip-range=${spec.serviceRange}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged',
    '--profiling=false',
    `--tls-cert-file=${file('apiserver.crt')}`,
    `--tls-private-key-file=${file('apiserver.key')}`,
    `--client-ca-file=${file('ca.crt')}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${file('sa.pub')}`,
    `--service-account-signing-key-file=${file('sa.key')}`,
    `--kubelet-client-certificate=${file('apiserver-kubelet-client.crt')}`,
    `--kubelet-client-key=${file('apiserver-kubelet-client.key')}`,
    `--kubelet-certificate-authority=${file('ca.crt')}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--requestheader-client-ca-file=${file('front-proxy-ca.crt')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${file('front-proxy-client.crt')}`,
    `--proxy-client-key-file=${file('front-proxy-client.key')}`,
    '--enable-aggregator-routing',
    ...spec.apiServerFlags,
  ];
  let server: LabProcess | undefined;

  return {
    async start() {
      const started = spec.start({ name, command });
      server = started;
      const api = connectApi(readFileSync(kubeconfig, 'utf8'));
      try {
        const ready = async (): Promise<boolean> => {
          const answer = await api.get('/readyz');
          if (answer.status !== 200) throw new Error(answer.text);
          return true;
        };
        await waitFor(`${name} of ${cluster} is ready`, ready, { deadlineMs: 60_000, processes: [started] });
      } finally {
        api.close();
      }
    },
    async kill() {
      await server?.kill();
    },
    process: () => server,
  };
}
