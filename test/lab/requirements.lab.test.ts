import { describe, expect, it } from 'vitest';
import { missingOn, type Machine } from './requirements.js';

const able: Machine = {
  isRoot: true,
  absentPrograms: [],
  mayMakeNetworks: true,
  nodes: { busyboxNeedsLibraries: false, missingControllers: [], hasMacvlan: true },
  hasBinariesOrGo: true,
  freeMegabytes: 4_000,
  freeWatches: 120,
  stateFolder: { path: '/tmp', canBeWritten: true },
};

describe('what a machine lacks for a lab', () => {
  it('is nothing on one that has it all', () => {
    expect(missingOn(able)).toEqual([]);
  });

  it.each<[string, Partial<Machine>, string]>([
    [
      'programs, with the one command that installs them',
      { absentPrograms: ['ip', 'nsenter', 'setpriv', '/usr/lib/cni/macvlan'] },
      'not installed: ip, nsenter, setpriv, /usr/lib/cni/macvlan; on Debian: apt-get install -y iproute2 util-linux containernetworking-plugins',
    ],
    ['root', { isRoot: false, mayMakeNetworks: undefined }, 'it makes network namespaces and bridges: run it as root'],
    [
      'the right to make networks',
      { mayMakeNetworks: false },
      'this root may not make network namespaces and bridges: give the container CAP_NET_ADMIN and CAP_SYS_ADMIN',
    ],
    [
      'macvlan',
      { nodes: { ...able.nodes, hasMacvlan: false } },
      'this kernel has no macvlan: enable CONFIG_MACVLAN or load it: modprobe macvlan',
    ],
    [
      'cgroups',
      { nodes: { ...able.nodes, missingControllers: ['memory', 'pids'] } },
      'no cgroup version 1 hierarchy of memory, pids: nodes need them; boot with systemd.unified_cgroup_hierarchy=0',
    ],
    [
      'a static busybox',
      { nodes: { ...able.nodes, busyboxNeedsLibraries: true } },
      '/bin/busybox is not static; on Debian: apt-get install -y busybox-static',
    ],
    [
      'Go and binaries',
      { hasBinariesOrGo: false },
      'Go is not installed: install 1.24 or newer, or name existing binaries with YOUZAN_KUBE_LAB_BIN or KUBEBUILDER_ASSETS',
    ],
    ['memory', { freeMegabytes: 400 }, '400 MB of memory are free, it needs 1000: end something else, or another lab'],
    [
      'inotify instances',
      { freeWatches: 12 },
      '12 inotify instances are free, it needs 60: end another lab, or sysctl fs.inotify.max_user_instances=1024',
    ],
    [
      'a place for its files',
      { stateFolder: { path: '/read-only', canBeWritten: false } },
      "/read-only can't be written: set TMPDIR",
    ],
  ])('is %s', (_, facts, line) => {
    expect(missingOn({ ...able, ...facts })).toEqual([line]);
  });

  it('is said all at once', () => {
    expect(missingOn({ ...able, isRoot: false, hasBinariesOrGo: false, freeMegabytes: 1 })).toHaveLength(3);
  });
});
