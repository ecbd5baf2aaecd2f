import { setTimeout as delay } from 'node:timers/promises';
import { containerOf, timeText, type PodObject } from '../controllers/objects.js';
import { startContainerProcess, type ContainerProcess, type Exit } from './container-process.js';
import { expand, podMarker, type PodPlace } from './environment.js';
import { aborted, createGrace, hasAborted, isKilled, type Grace } from './grace.js';
import { runHook, type RunInPod } from './hook.js';
import { outputTail, runPodCommand } from './pod-command.js';
import type { ContainerView } from './pod-status.js';
import { startProbes } from './probes.js';
import { killProcesses, signalProcess } from './processes.js';

/** A pod as its processes need it. */
export interface PodContext {
  readonly pod: PodObject;
  readonly place: PodPlace;
  readonly environment: Readonly<Record<string, string>>;
  /** The pod's own end. */
  readonly grace: Grace;
  event(type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** Changes what is known of the container and writes it. */
  report(change: Partial<ContainerView>): void;
}

/** How one run of a container ended. */
export interface ContainerEnd {
  readonly process: ContainerProcess;
  readonly exit: Exit;
  /** Why its postStart hook failed. */
  readonly hookError: string | undefined;
}

/** Least time for TERM when preStop has used up the grace. */
const leastTermMs = 2_000;

/** Runs a command beside the entrypoint, with the pod's environment. */
export function runInPod({ environment, place }: Pick<PodContext, 'environment' | 'place'>): RunInPod {
  return (command, io) => runPodCommand({ command, environment, workdir: place.workdir, ...io });
}

export function graceSecondsOf(pod: PodObject): number {
  return pod.spec.terminationGracePeriodSeconds ?? 30;
}

function whoseHook({ pod }: PodContext): string {
  const { name, namespace = '', uid = '' } = pod.metadata;
  return `Container "${containerOf(pod).name}" in Pod "${name}_${namespace}(${uid})"`;
}

/** preStop, then TERM to the entrypoint, then KILL to all of the pod's processes; all within `over`. */
async function stop(
  context: PodContext,
  process: ContainerProcess,
  ended: AbortSignal,
  over: AbortSignal,
): Promise<void> {
  const preStop = containerOf(context.pod).lifecycle?.preStop;
  if (preStop !== undefined && !hasAborted(over) && !hasAborted(ended)) {
    const failure = await runHook(preStop, whoseHook(context), runInPod(context), AbortSignal.any([over, ended]));
    if (failure !== undefined && !hasAborted(ended))
      context.event('Warning', 'FailedPreStopHook', 'PreStopHook failed');
  }
  if (isKilled(over) || hasAborted(ended) || process.pid === 0) return;
  signalProcess(process.pid, 'SIGTERM');
  const patience = hasAborted(over) ? delay(leastTermMs, undefined, { ref: false }) : aborted(over);
  await Promise.race([process.exited, patience]);
}

/** Starts a container's entrypoint and follows it to its end: hooks, probes, stop. Leaves no process of the pod. */
export async function runContainer(
  context: PodContext,
  onProcess: (process: ContainerProcess) => void,
): Promise<ContainerEnd> {
  const { pod, place, environment, grace } = context;
  const container = containerOf(pod);
  const command = [...(container.command ?? []), ...(container.args ?? [])].map((part) => expand(part, environment));
  const process = startContainerProcess({ command, environment, workdir: place.workdir, logFile: place.logFile });
  onProcess(process);
  const ending = new AbortController();
  const ended = ending.signal;
  const exited = process.exited.then((exit) => {
    ending.abort('the container ended');
    return exit;
  });
  context.event('Normal', 'Started', `Started container ${container.name}`);

  const stopEarly = async (reason: string, seconds: number): Promise<void> => {
    context.event('Normal', 'Killing', `${reason}, will be restarted`);
    const own = createGrace();
    own.begin(seconds * 1_000);
    await stop(context, process, ended, AbortSignal.any([own.over, grace.over]));
    own.dispose();
  };

  const serve = async (): Promise<void> => {
    const started = container.startupProbe === undefined;
    const ready = started && container.readinessProbe === undefined;
    context.report({ state: { running: { startedAt: timeText(process.startedAt) } }, started, ready });
    const unhealthy = new AbortController();
    let seconds = graceSecondsOf(pod);
    startProbes({
      target: { container, ip: place.ip, exec: (line, signal) => execProbe(context, line, signal) },
      ended,
      stopping: AbortSignal.any([grace.begun, unhealthy.signal]),
      onStarted: () => context.report({ started: true }),
      onReady: (ready) => context.report({ ready }),
      onFailure: (kind, output) => context.event('Warning', 'Unhealthy', `${kind} probe failed: ${output}`),
      onUnhealthy: (kind, probe) => {
        seconds = probe.terminationGracePeriodSeconds ?? seconds;
        unhealthy.abort(`Container ${container.name} failed ${kind} probe`);
      },
    });
    await Promise.race([exited, aborted(grace.begun), aborted(unhealthy.signal)]);
    if (unhealthy.signal.aborted && !grace.begun.aborted) await stopEarly(String(unhealthy.signal.reason), seconds);
  };

  const { postStart } = container.lifecycle ?? {};
  const cut = AbortSignal.any([ended, grace.begun]);
  const failure =
    postStart === undefined ? undefined : await runHook(postStart, whoseHook(context), runInPod(context), cut);
  const hookError = grace.begun.aborted ? undefined : failure;
  if (hookError !== undefined) {
    context.event('Warning', 'FailedPostStartHook', 'PostStartHook failed');
    await stopEarly(`Container ${container.name} failed its postStart hook`, graceSecondsOf(pod));
  } else if (!cut.aborted) await serve();
  if (grace.begun.aborted) {
    context.event('Normal', 'Killing', `Stopping container ${container.name}`);
    await stop(context, process, ended, grace.over);
  }
  await killProcesses(podMarker, pod.metadata.uid ?? '');
  return { process, exit: await exited, hookError };
}

const keptProbeBytes = 1_024;

async function execProbe(
  context: PodContext,
  command: readonly string[],
  signal: AbortSignal,
): Promise<{ ok: boolean; output: string }> {
  const output = outputTail(keptProbeBytes);
  const take = (chunk: Buffer): void => output.take(chunk);
  const exit = await runInPod(context)(command, { stdout: take, stderr: take, signal });
  if (signal.aborted) throw new Error('the probe was cut off');
  return { ok: exit.code === 0, output: output.text() };
}
