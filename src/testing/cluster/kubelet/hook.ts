import type { LifecycleHandler } from 'kubernetes-types/core/v1.js';
import type { Exit } from './container-process.js';
import { outputTail } from './pod-command.js';

/** Runs a command in a pod and hands over its output. */
export type RunInPod = (
  command: readonly string[],
  io: { stdout(chunk: Buffer): void; stderr(chunk: Buffer): void; signal: AbortSignal },
) => Promise<Exit>;

const keptOutputBytes = 1_024;

/** Runs an exec hook until the signal, whose reason says why; answers undefined when it succeeded, else a sentence with the end of its output. */
export async function runHook(
  name: 'PostStartHook' | 'PreStopHook',
  handler: LifecycleHandler,
  run: RunInPod,
  signal: AbortSignal,
): Promise<string | undefined> {
  const output = outputTail(keptOutputBytes);
  const take = (chunk: Buffer): void => output.take(chunk);
  const exit = await run(handler.exec?.command ?? [], { stdout: take, stderr: take, signal });
  if (exit.code === 0 && !signal.aborted) return undefined;
  const how = signal.aborted ? `was cut off, since ${String(signal.reason)}` : `exited with ${exit.code}`;
  const said = output.text();
  return `${name} ${how}${said === '' ? ', without output' : `: ${said}`}`;
}
