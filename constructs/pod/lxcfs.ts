import type { k8s } from 'cdk8s-plus-28';
import { needsLxcfs } from './jvm.js';
import type { PodConcern } from './pod-part.js';

/** What lxcfs shows each container of its own, below its mount on the node and below `/` in the container. */
export const lxcfsFiles: readonly string[] = [
  'proc/cpuinfo',
  'proc/diskstats',
  'proc/loadavg',
  'proc/meminfo',
  'proc/stat',
  'proc/swaps',
  'proc/uptime',
  'sys/devices/system/cpu/online',
];

/**
 * Where lxcfs is mounted in its folder: below it, for a mount whose server has died can't be mounted into a container, and
 * what is mounted on the folder itself would never reach the containers that have it.
 */
export const lxcfsMount = (folder: string): string => `${folder}/fs`;

/**
 * The mounts of lxcfs. On a node without lxcfs a pod waits with a message, rather than see the node's CPUs.
 *
 * The folder itself is there too: when lxcfs was restarted, its DaemonSet mounts the files anew from there.
 */
export const lxcfsPart: PodConcern = ({ props, conventions }) => {
  if (!(props.lxcfs ?? needsLxcfs(props, conventions))) return undefined;
  const { folder } = conventions.lxcfs;
  const volume = (name: string, path: string, type: string): k8s.Volume => ({ name, hostPath: { path, type } });
  const files = lxcfsFiles.map((file) => [`lxcfs-${file.replaceAll('/', '-')}`, file] as const);
  return {
    pod: {
      volumes: [
        volume('lxcfs', folder, 'Directory'),
        ...files.map(([name, file]) => volume(name, `${lxcfsMount(folder)}/${file}`, 'File')),
      ],
    },
    main: {
      volumeMounts: [
        { name: 'lxcfs', mountPath: folder, mountPropagation: 'HostToContainer', readOnly: true },
        ...files.map(([name, file]) => ({ name, mountPath: `/${file}`, readOnly: true })),
      ],
    },
  };
};
