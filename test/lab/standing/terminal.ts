// A terminal of its own with a command in it, so that Ctrl-C is what it is for people: SIGINT to all in the foreground.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { LabError } from '../lab-error.js';
import { waitFor } from '../processes/wait.js';

export interface Terminal {
  /** Waits for a match in what has been printed, and gives its first group. */
  until(pattern: RegExp, deadlineMs: number): Promise<string>;
  pressCtrlC(): void;
  /** Resolves with the command's exit code when it has ended; one ended by a signal has 128 + its number. */
  readonly ended: Promise<number>;
  printed(): string;
  /** For a test that failed: ends it at once. */
  kill(): void;
}

const endOfText = '\x03';

export function openTerminal(command: string, env: NodeJS.ProcessEnv): Terminal {
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env,
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : 1));
  return {
    async until(pattern, deadlineMs) {
      // What ended will print no more, but what it has printed may still be on its way.
      const look = (): Promise<string | { readonly ended: number }> => {
        const match = pattern.exec(printed);
        if (match !== null) return Promise.resolve(match[1] ?? '');
        if (child.exitCode !== null && child.stdout.readableEnded) return Promise.resolve({ ended: child.exitCode });
        return Promise.reject(new Error(`printed so far:\n${printed}`));
      };
      const found = await waitFor(`${command} prints ${String(pattern)}`, look, { deadlineMs });
      if (typeof found === 'string') return found;
      throw new LabError(`${command} ended with ${found.ended} and did not print ${String(pattern)}:\n${printed}`);
    },
    pressCtrlC: () => void child.stdin.write(endOfText),
    ended,
    printed: () => printed,
    kill: () => child.kill('SIGKILL'),
  };
}
