import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { refuseProps } from '../app/refuse.js';
import {
  type Conventions,
  type Finding,
  isDnsLabel,
  youzanConventions,
  hasTagOrDigest,
} from '../../src/conventions/index.js';
import { jsonOf } from '../pod/json.js';
import { lxcfsFiles, lxcfsMount } from '../pod/lxcfs.js';

export interface LxcfsDaemonSetProps {
  /** Must allow privileged pods. */
  readonly namespace: string;
  /** An image with lxcfs, a shell, and `mount`, `umount` and `nsenter` of util-linux 2.33 or newer, with tag or digest. */
  readonly image: string;
  /** Of the DaemonSet. Default: `lxcfs`. */
  readonly name?: string;
  /** Labels of the nodes that have it. Default: all nodes. */
  readonly nodes?: Readonly<Record<string, string>>;
  /** Default: Youzan's. */
  readonly conventions?: Conventions;
}

/**
 * lxcfs on each node: the files that show a container its own CPUs and memory, for apps with `lxcfs` and for JVMs that are
 * too old to know their limits. When lxcfs starts anew, after a crash or an update, the containers that run get the files of
 * the new one; until then a read of them fails.
 *
 * @throws YouzanKubeError `PROPS_INVALID` with every finding and the construct's path.
 *
 * @example
 * new LxcfsDaemonSet(chart, 'lxcfs', { namespace: 'youzan-system', image: 'registry.example/lxcfs:5.0.3' });
 */
export class LxcfsDaemonSet extends Construct {
  readonly daemonSet: ApiObject;

  constructor(scope: Construct, id: string, props: LxcfsDaemonSetProps) {
    super(scope, id);
    const { namespace, name = 'lxcfs', conventions = youzanConventions } = props;
    refuseProps(this, findingsOf(props));
    const selector = { [conventions.labels.name]: name };
    const labels = { ...selector, [conventions.labels.managedBy]: conventions.managedBy };
    const spec: unknown = k8s.toJson_DaemonSetSpec({
      selector: { matchLabels: selector },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(1) } },
      template: { metadata: { labels }, spec: podSpec(props, conventions) },
    });
    this.daemonSet = new ApiObject(this, 'daemon-set', {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name, namespace, labels },
      spec: jsonOf(spec),
    });
  }
}

function podSpec({ image, nodes }: LxcfsDaemonSetProps, conventions: Conventions): k8s.PodSpec {
  const { folder } = conventions.lxcfs;
  const look = { exec: { command: ['cat', `${lxcfsMount(folder)}/proc/uptime`] }, timeoutSeconds: 5 };
  return {
    // It looks up the cgroup of who reads, and mounts into containers that run.
    hostPid: true,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    priorityClassName: 'system-node-critical',
    tolerations: [{ operator: 'Exists' }],
    ...(nodes && { nodeSelector: { ...nodes } }),
    terminationGracePeriodSeconds: 10,
    containers: [
      {
        name: 'lxcfs',
        image,
        command: ['/bin/sh', '-c', script],
        env: [{ name: 'LXCFS_MOUNT', value: lxcfsMount(folder) }],
        securityContext: { privileged: true },
        resources: {
          requests: { cpu: k8s.Quantity.fromString('50m'), memory: k8s.Quantity.fromString('32Mi') },
          limits: { memory: k8s.Quantity.fromString('256Mi') },
        },
        readinessProbe: { ...look, periodSeconds: 5 },
        livenessProbe: { ...look, periodSeconds: 10, failureThreshold: 3 },
        volumeMounts: [
          { name: 'folder', mountPath: folder, mountPropagation: 'Bidirectional' },
          { name: 'cgroups', mountPath: '/sys/fs/cgroup' },
        ],
      },
    ],
    volumes: [
      { name: 'folder', hostPath: { path: folder, type: 'DirectoryOrCreate' } },
      { name: 'cgroups', hostPath: { path: '/sys/fs/cgroup', type: 'Directory' } },
    ],
  };
}

/**
 * Serves, and mounts anew what the former one served, in each container once. `mount -N` reads `/proc/self` of the other mount
 * namespace, and so has to be in its PID namespace too.
 */
const script = `set -u
is_served() { grep -F " $LXCFS_MOUNT " /proc/self/mountinfo | grep -q ' fuse.lxcfs '; }
while is_served; do umount -l "$LXCFS_MOUNT" || exit 1; done
mkdir -p /run "$LXCFS_MOUNT" || exit 1
lxcfs -f -l --enable-cfs "$LXCFS_MOUNT" &
server=$!
trap 'kill -TERM "$server"' TERM INT
until is_served; do
  kill -0 "$server" 2>/dev/null || { wait "$server"; exit; }
  sleep 0.1
done
seen=' '
for process in /proc/[0-9]*; do
  space=$(readlink "$process/ns/mnt" 2>/dev/null) || continue
  case $seen in *" $space "*) continue ;; esac
  seen="$seen$space "
  for file in ${lxcfsFiles.join(' ')}; do
    grep " /$file " "$process/mountinfo" 2>/dev/null | grep -q ' fuse.lxcfs ' || continue
    pid=\${process#/proc/}
    there="$process/ns/mnt"
    nsenter -t "$pid" -p umount -l -N "$there" "/$file" &&
      nsenter -t "$pid" -p mount -N "$there" -o bind,ro "$LXCFS_MOUNT/$file" "/$file" &&
      echo "mounted /$file anew for process $pid"
  done
done
wait "$server"
code=$?
while kill -0 "$server" 2>/dev/null; do
  wait "$server"
  code=$?
done
exit "$code"
`;

function findingsOf({ namespace, name, image }: LxcfsDaemonSetProps): Finding[] {
  const findings: Finding[] = [];
  for (const [path, value] of Object.entries({ namespace, name })) {
    if (value !== undefined && !isDnsLabel(value))
      findings.push({ path, message: `"${value}" is no DNS label that starts with a letter` });
  }
  if (!hasTagOrDigest(image)) findings.push({ path: 'image', message: `"${image}" has no tag and no digest` });
  return findings;
}
