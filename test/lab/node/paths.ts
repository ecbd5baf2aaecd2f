// Paths as a node's own processes see them. /run is a tmpfs of its own; /var/lib and /var/log are folders of its own.
export const paths = {
  containerdSocket: '/run/containerd/containerd.sock',
  containerdState: '/run/containerd',
  containerdRoot: '/var/lib/containerd',
  kubelet: '/var/lib/kubelet',
  networkConfigs: '/var/lib/cni/net.d',
  /** The networks that pods may ask for beside their own. */
  furtherNetworkConfigs: '/var/lib/cni/further.d',
  networkPlugins: '/usr/lib/cni',
  addressRecords: '/var/lib/cni/networks',
  multusState: '/var/lib/cni/multus',
} as const;

/** Linux interfaces inside a node. */
export const interfaces = {
  /** The cable to the bridge and the parent of all macvlan interfaces; has no address. */
  uplink: 'eth0',
  /** The node's own address: on a sibling of the pods' interfaces, since parent and child can't reach each other. */
  node: 'node0',
} as const;
