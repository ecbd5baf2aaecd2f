// What a lab has made outside its own folder, one JSON line each, written before or as it is made: so that whoever comes
// after a crash can take it away, and takes away nothing else.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { removeCgroup } from '../node/cgroups.js';
import { isAlive, signalProcess, type ProcessIdentity } from '../processes/identity.js';
import { runSync } from '../processes/run.js';

export type Made =
  | ({ readonly kind: 'process'; readonly name: string } & ProcessIdentity)
  | { readonly kind: 'namespace'; readonly name: string }
  | { readonly kind: 'link'; readonly name: string }
  /** A path below each hierarchy's root, with all that is in it. */
  | { readonly kind: 'cgroup'; readonly name: string };

export interface Record {
  add(made: Made): void;
}

export const openRecord = (file: string): Record => ({
  add: (made) => appendFileSync(file, `${JSON.stringify(made)}\n`),
});

export function readRecord(file: string): readonly Made[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // A crash may have cut the last line; what it would have named was not made yet.
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as Made];
    } catch {
      return [];
    }
  });
}

const sleepMs = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

function isGoneWithin(path: string, ms: number): boolean {
  const deadline = Date.now() + ms;
  while (existsSync(path) && Date.now() < deadline) sleepMs(10);
  return !existsSync(path);
}

/**
 * Takes everything away, processes first and together, and gives what could not be taken away. Blocking, so that it
 * works while a process exits. Done twice, the second time does nothing.
 */
export function undo(record: readonly Made[]): readonly string[] {
  const left: string[] = [];
  const processes = record.filter((made) => made.kind === 'process');
  for (const made of processes) signalProcess(made, 'SIGKILL');
  const deadline = Date.now() + 10_000;
  while (processes.some(isAlive) && Date.now() < deadline) sleepMs(10);
  for (const { name, pid } of processes.filter(isAlive)) left.push(`process ${pid} (${name}) survives SIGKILL`);

  for (const made of [...record].reverse()) {
    if (made.kind === 'cgroup') {
      left.push(...removeCgroup(made.name).map((folder) => `${folder} still holds a process`));
      continue;
    }
    const [path, command] =
      made.kind === 'namespace'
        ? [`/run/netns/${made.name}`, ['ip', 'netns', 'delete', made.name]]
        : [`/sys/class/net/${made.name}`, ['ip', 'link', 'delete', made.name]];
    if (made.kind === 'process' || !existsSync(path)) continue;
    try {
      runSync(command);
    } catch (error) {
      // A namespace takes its links along, a moment after it is gone itself.
      if (!isGoneWithin(path, 2_000)) left.push((error as Error).message);
    }
  }
  return left;
}
