// Processes of this machine, found by a variable in their environment.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

/** Process ids whose environment has `name=value`. Zombies have none and are not found. */
export function findProcesses(name: string, value: string): number[] {
  const entry = `\0${name}=${value}\0`;
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && `\0${environmentOf(pid)}\0`.includes(entry))
    .map(Number);
}

/** Sends a signal; a process that is gone already is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

const killDeadlineMs = 5_000;

/** Kills every process whose environment has `name=value`, also those that are forked meanwhile. */
export async function killProcesses(name: string, value: string): Promise<void> {
  const deadline = Date.now() + killDeadlineMs;
  for (let pids = findProcesses(name, value); pids.length > 0; pids = findProcesses(name, value)) {
    for (const pid of pids) signalProcess(pid, 'SIGKILL');
    if (Date.now() > deadline) throw new Error(`processes ${pids.join(', ')} outlive SIGKILL`);
    await delay(2);
  }
}
