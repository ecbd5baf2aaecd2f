import type { LifecycleHandler } from 'kubernetes-types/core/v1.js';
import type { Exit } from './container-process.js';
import { outputTail } from './pod-command.js';

/** Runs a command in a pod and hands over its output. */
export type RunInPod = (
  command: readonly string[],
  io: { stdout(chunk: Buffer): void; stderr(chunk: Buffer): void; signal: AbortSignal },
) => Promise<Exit>;

const keptOutputBytes = 1_024;

/**
 * Runs an exec hook until the signal, whose reason says why; answers undefined when it succeeded, else how it failed, in
 * a real kubelet's words: with the whole command in it, and the end of the output. `whose`
 * names container and pod.
 */
export async function runHook(
  handler: LifecycleHandler,
  whose: string,
  run: RunInPod,
  signal: AbortSignal,
): Promise<string | undefined> {
  const output = outputTail(keptOutputBytes);
  const take = (chunk: Buffer): void => output.take(chunk);
  const command = handler.exec?.command ?? [];
  const exit = await run(command, { stdout: take, stderr: take, signal });
  if (exit.code === 0 && !signal.aborted) return undefined;
  const how = signal.aborted
    ? `was cut off, since ${String(signal.reason)}`
    : `command '${command.join(' ')}' exited with ${exit.code}: `;
  return `Exec lifecycle hook ([${command.join(' ')}]) for ${whose} failed - error: ${how}, message: ${JSON.stringify(output.text())}`;
}
