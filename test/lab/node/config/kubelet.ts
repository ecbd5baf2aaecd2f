import { paths } from '../paths.js';

export interface KubeletFiles {
  readonly clientAuthority: string;
  readonly certificate: string;
  readonly key: string;
}

/** KubeletConfiguration as JSON. */
export function kubeletConfig(cgroup: string, files: KubeletFiles): string {
  return JSON.stringify(
    {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: files.clientAuthority },
      },
      authorization: { mode: 'Webhook' },
      tlsCertFile: files.certificate,
      tlsPrivateKeyFile: files.key,
      containerRuntimeEndpoint: `unix://${paths.containerdSocket}`,
      volumePluginDir: `${paths.kubelet}/volume-plugins`,
      // Nobody answers there, and says so at once. Without an address each pod would begin with a warning.
      clusterDNS: ['127.0.0.1'],
      clusterDomain: 'cluster.local',
      cgroupDriver: 'cgroupfs',
      cgroupRoot: `/${cgroup}`,
      failCgroupV1: false,
      failSwapOn: false,
      // A root without CAP_SYS_RESOURCE may neither lower an oom score nor raise a limit.
      oomScoreAdj: 0,
      maxOpenFiles: 20_000,
      // The disk and memory are the host's and everybody's: no node is to evict pods or collect images for them.
      evictionHard: Object.fromEntries(
        ['imagefs.available', 'imagefs.inodesFree', 'memory.available', 'nodefs.available', 'nodefs.inodesFree'].map(
          (name) => [name, '0%'],
        ),
      ),
      imageGCHighThresholdPercent: 100,
      imageMinimumGCAge: '240h',
      serializeImagePulls: false,
      nodeStatusUpdateFrequency: '4s',
      nodeLeaseDurationSeconds: 10,
    },
    undefined,
    2,
  );
}
