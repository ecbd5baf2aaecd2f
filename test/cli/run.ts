import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly pid: number;
}

/** Runs the built command line as a process of its own; `onOutput` sees what it prints while it runs. */
export async function youzanKube(
  args: readonly string[],
  options: { readonly onOutput?: (text: string, interrupt: () => void) => void; readonly deadlineMs?: number } = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, ['dist/cli.js', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const interrupt = (): void => void child.kill('SIGINT');
  const saw = (text: string): void => options.onOutput?.(text, interrupt);
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    saw(stdout);
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), options.deadlineMs ?? 60_000);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, stdout, stderr, pid: child.pid ?? 0 };
}

/** What a demo has left on this machine: pods' processes, as `pid command`, and its folders. */
export function leftovers(demoPid: number): string[] {
  const prefix = `youzan-kube-demo-${demoPid}-`;
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(prefix)) return [];
        return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 100)}`];
      } catch {
        return [];
      }
    });
  return [...processes, ...readdirSync(tmpdir()).filter((name) => name.startsWith(prefix))];
}
