// One real Kubernetes node: containerd, kubelet and kube-proxy in namespaces of their own, with pods on the IDC's layer 2.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectApi } from '../../contract/kubernetes/client.js';
import { copyImageStore } from '../images/image-store.js';
import { references } from '../images/lab-images.js';
import { LabError } from '../lab-error.js';
import { run } from '../processes/run.js';
import type { LabProcess } from '../processes/start.js';
import { waitFor } from '../processes/wait.js';
import { bootMachine, type Machine } from './boot.js';
import { removeCgroup } from './cgroups.js';
import { containerdConfig } from './config/containerd.js';
import { kubeProxyConfig } from './config/kube-proxy.js';
import { kubeletConfig } from './config/kubelet.js';
import type { LabNode } from './lab-node.js';
import { writeNetworkFiles } from './network-files.js';
import type { NodeSpec } from './node-spec.js';
import { paths } from './paths.js';

const readyWithinMs = 60_000;

/** Writes every config and certificate, and gives what the commands need of them. */
async function writeFiles(spec: NodeSpec): Promise<{ readonly kubeletKubeconfig: string }> {
  const { place, folder, certificates, apiServerUrl } = spec;
  const { name, address, cgroup } = place;
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  for (const part of ['lib', 'log', 'sys']) mkdirSync(join(folder, part), { recursive: true });
  await certificates.writeServerPair(name, [address, name]);
  const kubelet = { user: `system:node:${name}`, groups: ['system:nodes'] };
  const kubeletKubeconfig = await certificates.writeKubeconfig(`${name}.conf`, kubelet, apiServerUrl);
  const proxy = { user: 'system:kube-proxy' };
  const proxyKubeconfig = await certificates.writeKubeconfig(`${name}-proxy.conf`, proxy, apiServerUrl);
  write(
    'containerd.toml',
    containerdConfig({
      root: paths.containerdRoot,
      state: paths.containerdState,
      socket: paths.containerdSocket,
      sandboxImage: references.pause,
      networks: { plugins: writeNetworkFiles(spec), configs: paths.networkConfigs },
    }),
  );
  await copyImageStore(spec.imageStore, join(folder, 'lib', 'containerd'));
  write(
    'kubelet.json',
    kubeletConfig(cgroup, {
      clientAuthority: certificates.file('ca.crt'),
      certificate: certificates.file(`${name}.crt`),
      key: certificates.file(`${name}.key`),
    }),
  );
  write('kube-proxy.json', kubeProxyConfig(place, proxyKubeconfig));
  return { kubeletKubeconfig };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastHeartbeatTime: string;
}

/** Starts the kubelet and waits for its word that the node is ready: one that comes back still carries its last word. */
async function startReady({ place, kubeconfig }: NodeSpec, start: () => LabProcess): Promise<LabProcess> {
  const api = connectApi(readFileSync(kubeconfig, 'utf8'));
  const readyCondition = async (): Promise<Condition | undefined> => {
    const { body } = await api.get(`/api/v1/nodes/${place.name}`);
    const { conditions = [] } = (body['status'] ?? {}) as { readonly conditions?: readonly Condition[] };
    return conditions.find(({ type }) => type === 'Ready');
  };
  try {
    const before = await readyCondition();
    const kubelet = start();
    const look = async (): Promise<boolean> => {
      const now = await readyCondition();
      if (now?.status === 'True' && now.lastHeartbeatTime !== before?.lastHeartbeatTime) return true;
      throw new Error(`its condition Ready: ${JSON.stringify(now)}`);
    };
    await waitFor(`node ${place.name} is ready`, look, { deadlineMs: readyWithinMs, processes: [kubelet] });
    return kubelet;
  } finally {
    api.close();
  }
}

/** Boots a node, with the lab's images, and waits until it is ready. */
export async function startNode(spec: NodeSpec): Promise<LabNode> {
  const { place, binaries, folder } = spec;
  const { name, address, link } = place;
  const { kubeletKubeconfig } = await writeFiles(spec);
  let machine: Machine | undefined;
  let kubelet: LabProcess | undefined;

  const up = (): Machine => {
    if (machine === undefined) throw new LabError(`node ${name} is down`, 'boot it first');
    return machine;
  };
  const startInside = (program: string, command: readonly string[]): LabProcess =>
    spec.start({ name: `${name} ${program}`, command: [...up().enter, ...command] });

  const startKubelet = async (): Promise<void> => {
    const command = [
      ...binaries.kubelet,
      `--config=${join(folder, 'kubelet.json')}`,
      `--kubeconfig=${kubeletKubeconfig}`,
      `--hostname-override=${name}`,
      `--node-ip=${address}`,
      `--node-labels=topology.kubernetes.io/zone=${spec.idc}`,
      `--root-dir=${paths.kubelet}`,
      `--pod-infra-container-image=${references.pause}`,
    ];
    kubelet = await startReady(spec, () => startInside('kubelet', command));
  };

  const boot = async (): Promise<void> => {
    machine = await bootMachine(spec);
    const { enter } = machine;
    const containerd = startInside('containerd', ['containerd', '--config', join(folder, 'containerd.toml')]);
    const version = ['ctr', '--address', paths.containerdSocket, 'version'];
    await waitFor(`containerd of ${name} answers`, async () => (await run([...enter, ...version])) !== '', {
      deadlineMs: 20_000,
      processes: [machine.process, containerd],
    });
    startInside('kube-proxy', [...binaries['kube-proxy'], `--config=${join(folder, 'kube-proxy.json')}`]);
    await startKubelet();
  };

  await boot();
  return {
    name,
    address,
    async stopKubelet() {
      await kubelet?.kill();
    },
    startKubelet,
    async partition() {
      await run(['ip', 'link', 'set', link, 'nomaster']);
    },
    async mend() {
      await run(['ip', 'link', 'set', link, 'master', spec.bridge]);
    },
    async kill() {
      await up().process.kill();
      machine = undefined;
      await run(['ip', 'netns', 'delete', place.namespace]);
      removeCgroup(place.cgroup);
    },
    boot,
  };
}
