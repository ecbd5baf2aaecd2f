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

/** What is to be known of a machine before nodes can run on it. */
export interface NodeFacts {
  readonly busyboxNeedsLibraries: boolean;
  readonly missingControllers: readonly string[];
  /** Undefined where no network can be made to try it. */
  readonly hasMacvlan: boolean | undefined;
}

/** `mayMakeNetworks`: whether it is of use to try a network. */
export const lookForNodes = (mayMakeNetworks: boolean): NodeFacts => ({
  busyboxNeedsLibraries: busyboxNeedsLibraries(),
  missingControllers: missingControllers(),
  hasMacvlan: mayMakeNetworks ? hasMacvlan() : undefined,
});

/** One line for each thing that is missing. */
export function missingForNodes(facts: NodeFacts): readonly string[] {
  const missing: string[] = [];
  if (facts.busyboxNeedsLibraries)
    missing.push('/bin/busybox is not static; on Debian: apt-get install -y busybox-static');
  if (facts.missingControllers.length > 0)
    missing.push(
      `no cgroup version 1 hierarchy of ${facts.missingControllers.join(', ')}: nodes need them; boot with systemd.unified_cgroup_hierarchy=0`,
    );
  if (facts.hasMacvlan === false)
    missing.push('this kernel has no macvlan: enable CONFIG_MACVLAN or load it: modprobe macvlan');
  return missing;
}
