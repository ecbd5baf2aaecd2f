// A node's process 1 and its namespaces.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../lab-error.js';
import { namespacePath } from '../network/namespace.js';
import { identityOf } from '../processes/identity.js';
import { run } from '../processes/run.js';
import type { LabProcess } from '../processes/start.js';
import { waitFor } from '../processes/wait.js';
import { makeCgroup } from './cgroups.js';
import { initDone, initScript } from './init-script.js';
import type { NodeSpec } from './node-spec.js';
import { interfaces } from './paths.js';

/** A machine that is up, with nothing on it yet. */
export interface Machine {
  /** `unshare`, whose end is the end of every process of the node. */
  readonly process: LabProcess;
  /** In front of a command that is to run in the node and die with its starter. */
  readonly enter: readonly string[];
}

async function plugIn({ place, bridge, made }: NodeSpec): Promise<void> {
  const { link, namespace } = place;
  made({ kind: 'link', name: link });
  made({ kind: 'namespace', name: namespace });
  await run(['ip', 'netns', 'add', namespace]);
  // A killed node's namespace takes its end of the cable along, and with it this one, a moment after it is gone itself.
  const isFree = (): Promise<boolean> => Promise.resolve(!existsSync(`/sys/class/net/${link}`));
  await waitFor(`the link ${link} is gone`, isFree, { deadlineMs: 10_000 });
  const peer = ['peer', 'name', interfaces.uplink, 'netns', namespace];
  await run(['ip', 'link', 'add', link, 'type', 'veth', ...peer]);
  await run(['ip', 'link', 'set', link, 'master', bridge, 'up']);
}

function childOf(pid: number): number | undefined {
  const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0]);
  return child > 0 ? child : undefined;
}

/** Makes the namespaces and starts process 1. */
export async function bootMachine(spec: NodeSpec): Promise<Machine> {
  const { place, folder, made, start } = spec;
  const { name, namespace, cgroup } = place;
  // Unknown images fail at once, and no question leaves the machine.
  writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  writeFileSync(
    join(folder, 'init.sh'),
    initScript(folder, place, spec.serviceRange, spec.multus === undefined ? [] : place.neighbours),
  );
  rmSync(join(folder, initDone), { force: true });
  // The whole lab's folder: whoever removes it does so when all nodes are gone.
  made({ kind: 'cgroup', name: cgroup });
  makeCgroup(cgroup);
  await plugIn(spec);

  const unshare = ['unshare', '--mount', '--pid', '--uts', '--fork', '--kill-child=KILL', '--mount-proc'];
  const process = start({
    name,
    networkNamespace: namespacePath(namespace),
    command: [...unshare, 'sh', join(folder, 'init.sh')],
  });
  const isDone = (): Promise<boolean> => Promise.resolve(existsSync(join(folder, initDone)));
  await waitFor(`${name} has its mounts and network`, isDone, { deadlineMs: 15_000, processes: [process] });
  const init = identityOf(childOf(process.identity.pid) ?? 0);
  if (init === undefined) throw new LabError(`${name} has no process 1`);
  // It is gone only when every process of the node is.
  made({ kind: 'process', name: `${name} init`, ...init });
  return {
    process,
    enter: [
      ...['nsenter', `--target=${init.pid}`, '--mount', '--pid', '--uts', '--net', '--'],
      ...['setpriv', '--pdeathsig', 'KILL', '--'],
    ],
  };
}
