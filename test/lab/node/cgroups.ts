// Folders in the cgroup hierarchies, the same path in each. They outlive every process, so they are recorded.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Without these no container runs. */
const needed = ['blkio', 'cpu', 'cpuacct', 'cpuset', 'devices', 'freezer', 'memory', 'pids'];

interface Hierarchy {
  readonly root: string;
  readonly controllers: readonly string[];
}

function hierarchies(mounts = readFileSync('/proc/self/mounts', 'utf8')): readonly Hierarchy[] {
  return mounts.split('\n').flatMap((line) => {
    const [, root = '', type, options = ''] = line.split(' ');
    if (type === 'cgroup') return [{ root, controllers: options.split(',') }];
    // Beside those of version 1 it has no controllers, but runc makes its folders there too.
    return type === 'cgroup2' ? [{ root, controllers: [] }] : [];
  });
}

/** Of those that a container needs; all of them where the machine has only cgroup v2. */
export function missingControllers(mounts?: string): readonly string[] {
  const present = hierarchies(mounts).flatMap(({ controllers }) => controllers);
  return needed.filter((name) => !present.includes(name));
}

export function makeCgroup(path: string): void {
  for (const { root, controllers } of hierarchies()) {
    let folder = root;
    for (const part of path.split('/')) {
      const parent = folder;
      folder = join(folder, part);
      mkdirSync(folder, { recursive: true });
      if (!controllers.includes('cpuset')) continue;
      // Empty at first, and a process can't be put in before.
      for (const file of ['cpuset.cpus', 'cpuset.mems'])
        writeFileSync(join(folder, file), readFileSync(join(parent, file)));
    }
  }
}

function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  rmdirSync(folder);
}

/**
 * Removes the folder and all below in each hierarchy. Blocking; gives those that still hold a process at the deadline:
 * a killed one counts until it is reaped.
 */
export function removeCgroup(path: string, deadlineMs = 5_000): readonly string[] {
  const deadline = Date.now() + deadlineMs;
  let left: readonly string[] = hierarchies().map(({ root }) => join(root, path));
  for (;;) {
    left = left.filter((folder) => {
      try {
        if (existsSync(folder)) removeTree(folder);
        return false;
      } catch {
        return true;
      }
    });
    if (left.length === 0 || Date.now() > deadline) return left;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}
