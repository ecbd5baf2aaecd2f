/** Snapshotters that would only log that their file system is not here. */
const absent = ['aufs', 'btrfs', 'zfs', 'devmapper'].map((name) => `io.containerd.snapshotter.v1.${name}`);

export interface ContainerdPlaces {
  readonly root: string;
  readonly state: string;
  readonly socket: string;
  readonly sandboxImage: string;
  /** Default: no pods, only images. */
  readonly networks?: { readonly plugins: string; readonly configs: string };
}

/**
 * containerd's config, version 2. Without CAP_SYS_RESOURCE, which a root in a container or small virtual machine may
 * lack, nobody may lower an oom score: `restrict_oom_score_adj` keeps each sandbox from dying of it.
 */
export function containerdConfig({ root, state, socket, sandboxImage, networks }: ContainerdPlaces): string {
  const cni = `
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${networks?.plugins ?? ''}"
    conf_dir = "${networks?.configs ?? ''}"`;
  return `version = 2
root = "${root}"
state = "${state}"
disabled_plugins = ${JSON.stringify([...absent, 'io.containerd.internal.v1.opt'])}

[grpc]
  address = "${socket}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${sandboxImage}"
  restrict_oom_score_adj = true${networks === undefined ? '' : cni}
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
        Root = "/run/runc"
`;
}
