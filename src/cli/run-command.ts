import { isYouzanKubeError } from '../conventions/index.js';

/** What a shell gets back. */
export const exitCodes = { ok: 0, failed: 1, badInput: 2, interrupted: 130, terminated: 143 } as const;

/** Codes of errors that say that the input, not the world, is wrong. */
const badInputCodes =
  /^(ADOPT_|BUNDLE_|APP_YAML_|FLEET_|CONVENTIONS_|IMAGE_|PROPS_|SERVERS_|RICH_CONTAINER_|HOOKS_|CLI_|JOURNAL_|CONTROL_UNKNOWN_|CONTROL_INVALID|TRAFFIC_INVALID)/;

/** An error as a person reads it: what, where, what to do. */
export function describeError(error: unknown): string {
  if (!isYouzanKubeError(error)) return error instanceof Error ? `error: ${error.message}` : `error: ${String(error)}`;
  const lines = [`error: ${error.message}`];
  if (error.path !== undefined && !error.message.includes(error.path)) lines.push(`  at:   ${error.path}`);
  if (error.hint !== undefined) lines.push(`  hint: ${error.hint}`);
  return lines.join('\n');
}

/**
 * Runs one command: gives it a signal that Ctrl-C and TERM abort, prints what it throws, sets the exit code. TERM is the
 * ordinary end of a command that runs until it is told to stop: when it ends well, so does the process. A second Ctrl-C
 * does not wait for the tidying up.
 */
export async function runCommand(action: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const controller = new AbortController();
  let interruptedAt: number | undefined;
  let abortedCode: number = exitCodes.interrupted;
  const interrupt = (by: NodeJS.Signals): void => {
    abortedCode = by === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted;
    interruptedAt ??= performance.now();
    // One Ctrl-C can arrive twice: from the terminal, and passed on by npm.
    if (performance.now() - interruptedAt > 1000) process.exit(exitCodes.interrupted);
    controller.abort(new Error('interrupted'));
  };
  // A terminal that is gone must not end the tidying up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('SIGHUP', interrupt);
  try {
    process.exitCode = await action(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) {
      process.stderr.write(`${describeError(error)}\n`);
      process.exitCode =
        isYouzanKubeError(error) && badInputCodes.test(error.code) ? exitCodes.badInput : exitCodes.failed;
    }
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    process.off('SIGHUP', interrupt);
  }
  if (!controller.signal.aborted) return;
  const endedWell = abortedCode === exitCodes.terminated && process.exitCode === exitCodes.ok;
  if (!endedWell) process.exitCode = abortedCode;
}
