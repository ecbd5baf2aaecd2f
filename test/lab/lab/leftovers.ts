// What of a lab is on this machine: for tests that say that nothing is left.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const cgroups = '/sys/fs/cgroup';

/** Start of every name that a lab has outside its folder. */
export const prefixOf = (folder: string): string => `ykl${basename(folder)}`;

const linesWith = (file: string, text: string): readonly string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes(text));

/** Everything on this machine that carries the lab's name: its folder, links, namespaces, cgroups, mounts. */
export function leftovers(folder: string): readonly string[] {
  const prefix = prefixOf(folder);
  const carries = (name: string): boolean => name.startsWith(prefix);
  return [
    ...readdirSync('/sys/class/net').filter(carries),
    ...(existsSync('/run/netns') ? readdirSync('/run/netns').filter(carries) : []),
    ...readdirSync(cgroups)
      .map((hierarchy) => join(cgroups, hierarchy, prefix))
      .filter(existsSync),
    ...linesWith('/proc/self/mounts', `${folder}/`),
    ...linesWith('/proc/self/mounts', `/run/netns/${prefix}`),
    ...(existsSync(folder) ? [folder] : []),
  ];
}

/** Process ids in the containers of the lab. */
export function processesInContainers(folder: string): readonly string[] {
  const root = join(cgroups, 'pids', prefixOf(folder));
  const lists = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('cgroup.procs'),
  );
  return lists.flatMap((name) => readFileSync(join(root, name), 'utf8').split('\n')).filter((pid) => pid !== '');
}
