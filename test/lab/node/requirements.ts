// What nodes need of the machine beyond what control planes do.
import { runSync } from '../processes/run.js';
import { missingControllers } from './cgroups.js';

/** Program -> the Debian package that has it. */
export const nodePrograms: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  '/usr/lib/cni/macvlan': 'containernetworking-plugins',
  '/usr/lib/cni/host-local': 'containernetworking-plugins',
  iptables: 'iptables',
  conntrack: 'conntrack',
  unshare: 'util-linux',
  ldd: 'libc-bin',
  '/bin/busybox': 'busybox-static',
};

const works = (...command: readonly string[]): boolean => {
  try {
    runSync(command);
    return true;
  } catch {
    return false;
  }
};

/** The images hold busybox without any library. */
const busyboxNeedsLibraries = (): boolean => works('/bin/busybox', 'true') && works('ldd', '/bin/busybox');

function hasMacvlan(): boolean {
  const name = `yklmacvlan${process.pid}`;
  const inside = (...args: readonly string[]): boolean => works('ip', '-n', name, 'link', 'add', ...args);
  try {
    return (
      works('ip', 'netns', 'add', name) &&
      inside('cable', 'type', 'veth', 'peer', 'name', 'other-end') &&
      inside('probe', 'link', 'cable', 'type', 'macvlan', 'mode', 'bridge')
    );
  } finally {
    works('ip', 'netns', 'delete', name);
  }
}

/** One line for each thing that is missing. `mayMakeNetworks`: whether it is of use to try a network. */
export function missingForNodes(mayMakeNetworks: boolean): readonly string[] {
  const missing: string[] = [];
  if (busyboxNeedsLibraries()) missing.push('/bin/busybox is not static; on Debian: apt-get install -y busybox-static');
  const controllers = missingControllers();
  if (controllers.length > 0)
    missing.push(
      `no cgroup version 1 hierarchy of ${controllers.join(', ')}: nodes need them; boot with systemd.unified_cgroup_hierarchy=0`,
    );
  if (mayMakeNetworks && !hasMacvlan())
    missing.push('this kernel has no macvlan: enable CONFIG_MACVLAN or load it: modprobe macvlan');
  return missing;
}
