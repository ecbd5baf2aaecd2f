// What the lab needs of its machine. All that is missing is said at once, each with the way out.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { availableParallelism, freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { namedPlaces } from './binaries/locate.js';
import { lookForNodes, missingForNodes, nodePrograms, type NodeFacts } from './node/requirements.js';

/** Program -> the Debian package that has it. */
const programs: Readonly<Record<string, string>> = {
  ...nodePrograms,
  ip: 'iproute2',
  nft: 'nftables',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
};

const neededMegabytes = 1_000;
/** Inotify instances: a control plane takes 7, a node 9, and without one a kubelet ends. */
const neededWatches = 60;

const works = (program: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
};

const isInstalled = (program: string): boolean => works('sh', '-c', 'command -v "$0"', program);

/** Tries what a container without the right to it refuses: a namespace with a bridge in it. */
function mayMakeNetworks(): boolean {
  const name = `yklprobe${process.pid}`;
  try {
    return works('ip', 'netns', 'add', name) && works('ip', '-n', name, 'link', 'add', 'probe', 'type', 'bridge');
  } finally {
    works('ip', 'netns', 'delete', name);
  }
}

function canWriteState(): boolean {
  try {
    rmSync(mkdtempSync(join(tmpdir(), 'youzan-kube-lab-probe-')), { recursive: true });
    return true;
  } catch {
    return false;
  }
}

/** Inotify instances that may still be made. */
function freeWatches(): number {
  const most = Number(readFileSync('/proc/sys/fs/inotify/max_user_instances', 'utf8'));
  // What has ended meanwhile has none.
  const orNone = <T>(look: () => T, none: T): T => {
    try {
      return look();
    } catch {
      return none;
    }
  };
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const open = processes.flatMap((pid) => {
    const folder = `/proc/${pid}/fd`;
    return orNone(() => readdirSync(folder), []).map((fd) => orNone(() => readlinkSync(join(folder, fd)), ''));
  });
  return most - open.filter((link) => link === 'anon_inode:inotify').length;
}

/** How many test files run at a time: two, where the machine has the processors and the inotify instances for twice the nodes. */
export const sideBySide = (): number => (availableParallelism() > 1 && freeWatches() >= 4 * neededWatches ? 2 : 1);

/** What is to be known of a machine before a lab can run on it. */
export interface Machine {
  readonly isRoot: boolean;
  /** Of the programs that the lab calls, those that are not installed. */
  readonly absentPrograms: readonly string[];
  /** Undefined where it could not be tried. */
  readonly mayMakeNetworks: boolean | undefined;
  readonly nodes: NodeFacts;
  /** Go, or binaries that the environment names. */
  readonly hasBinariesOrGo: boolean;
  readonly freeMegabytes: number;
  readonly freeWatches: number;
  readonly stateFolder: { readonly path: string; readonly canBeWritten: boolean };
}

function lookAtMachine(): Machine {
  const absentPrograms = Object.keys(programs).filter((program) => !isInstalled(program));
  const isRoot = process.getuid?.() === 0;
  const networks = isRoot && absentPrograms.length === 0 ? mayMakeNetworks() : undefined;
  return {
    isRoot,
    absentPrograms,
    mayMakeNetworks: networks,
    nodes: lookForNodes(networks === true),
    hasBinariesOrGo: namedPlaces().length > 0 || isInstalled('go'),
    freeMegabytes: Math.round(freemem() / 1e6),
    freeWatches: freeWatches(),
    stateFolder: { path: tmpdir(), canBeWritten: canWriteState() },
  };
}

/** One line for each thing that the machine lacks; none means that the lab can run there. */
export function missingOn(machine: Machine): readonly string[] {
  const missing: string[] = [];
  const { absentPrograms: absent, freeMegabytes: free, stateFolder } = machine;
  if (absent.length > 0) {
    const packages = [...new Set(absent.map((program) => programs[program]))].join(' ');
    missing.push(`not installed: ${absent.join(', ')}; on Debian: apt-get install -y ${packages}`);
  }
  missing.push(...missingForNodes(machine.nodes));
  if (!machine.isRoot) missing.push('it makes network namespaces and bridges: run it as root');
  if (machine.mayMakeNetworks === false)
    missing.push(
      'this root may not make network namespaces and bridges: give the container CAP_NET_ADMIN and CAP_SYS_ADMIN',
    );
  if (!machine.hasBinariesOrGo)
    missing.push(
      'Go is not installed: install 1.24 or newer, or name existing binaries with YOUZAN_KUBE_LAB_BIN or KUBEBUILDER_ASSETS',
    );
  if (free < neededMegabytes)
    missing.push(`${free} MB of memory are free, it needs ${neededMegabytes}: end something else, or another lab`);
  if (machine.freeWatches < neededWatches)
    missing.push(
      `${machine.freeWatches} inotify instances are free, it needs ${neededWatches}: end another lab, or sysctl fs.inotify.max_user_instances=1024`,
    );
  if (!stateFolder.canBeWritten) missing.push(`${stateFolder.path} can't be written: set TMPDIR`);
  return missing;
}

/** One line for each thing that is missing here; none means that the lab can run. */
export function missingRequirements(): readonly string[] {
  if (process.platform !== 'linux') return [`the lab needs Linux, this is ${process.platform}`];
  return missingOn(lookAtMachine());
}
