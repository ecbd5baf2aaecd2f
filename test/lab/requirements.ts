// What the lab needs of its machine. All that is missing is said at once, each with the way out.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { namedPlaces } from './binaries/locate.js';
import { missingForNodes, nodePrograms } from './node/requirements.js';

/** Program -> the Debian package that has it. */
const programs: Readonly<Record<string, string>> = {
  ...nodePrograms,
  ip: 'iproute2',
  nft: 'nftables',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
};

const neededMegabytes = 1_000;

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

/** One line for each thing that is missing; none means that the lab can run here. */
export function missingRequirements(): readonly string[] {
  if (process.platform !== 'linux') return [`the lab needs Linux, this is ${process.platform}`];
  const missing: string[] = [];
  const absent = Object.keys(programs).filter((program) => !isInstalled(program));
  if (absent.length > 0) {
    const packages = [...new Set(absent.map((program) => programs[program]))].join(' ');
    missing.push(`not installed: ${absent.join(', ')}; on Debian: apt-get install -y ${packages}`);
  }
  const networks = process.getuid?.() === 0 && absent.length === 0 && mayMakeNetworks();
  missing.push(...missingForNodes(networks));
  if (process.getuid?.() !== 0) missing.push('it makes network namespaces and bridges: run it as root');
  else if (absent.length === 0 && !networks)
    missing.push(
      'this root may not make network namespaces and bridges: give the container CAP_NET_ADMIN and CAP_SYS_ADMIN',
    );
  if (namedPlaces().length === 0 && !isInstalled('go'))
    missing.push(
      'Go is not installed: install 1.24 or newer, or name existing binaries with YOUZAN_KUBE_LAB_BIN or KUBEBUILDER_ASSETS',
    );
  const free = Math.round(freemem() / 1e6);
  if (free < neededMegabytes) missing.push(`${free} MB of memory are free, it needs ${neededMegabytes}`);
  if (!canWriteState()) missing.push(`${tmpdir()} can't be written: set TMPDIR`);
  return missing;
}
