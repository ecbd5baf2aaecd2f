import { spawn } from 'node:child_process';
import { findLabs, standingLab } from './standing-lab.js';

/** Runs the user's shell, with kubectl and both clusters as contexts, and gives its exit code. */
export async function shell(args: readonly string[]): Promise<number> {
  const { standing } = standingLab(findLabs());
  // Of the terminal's Ctrl-C the shell makes what it wants.
  process.on('SIGINT', () => undefined);
  const child = spawn(process.env['SHELL'] ?? 'sh', args, {
    stdio: 'inherit',
    env: {
      ...process.env,
      KUBECONFIG: standing.kubeconfig,
      PATH: `${standing.programs}:${process.env['PATH'] ?? ''}`,
    },
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('exit', (code) => resolve(code ?? 1));
  });
}
