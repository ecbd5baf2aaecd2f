import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { recordEvent } from '../controllers/event-recorder.js';
import { containerOf, getOf, kinds, type PodObject } from '../controllers/objects.js';
import { isReady } from '../controllers/pod-state.js';
import type { ClusterStore } from '../store.js';
import { createRestartBackoff } from './backoff.js';
import type { ContainerProcess } from './container-process.js';
import { runContainer, runInPod, type ContainerEnd, type PodContext } from './container-run.js';
import { podEnvironment, type PodPlace } from './environment.js';
import { aborted, createGrace } from './grace.js';
import type { RunInPod } from './hook.js';
import { containerIdOf, newContainer, podStatus, type ContainerView } from './pod-status.js';
import { signalProcess } from './processes.js';
import { terminatedState } from './termination.js';

const manager = 'kubelet';

export type PodEventType = 'pod-started' | 'pod-ready' | 'pod-not-ready' | 'pod-terminating' | 'pod-terminated';

/** What the kubelet has just written about a pod. */
export interface PodEvent {
  readonly type: PodEventType;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A pod that runs on this machine. */
export interface PodInfo {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly ip: string;
  /** Its entrypoint's process; undefined while there is none. */
  readonly pid: number | undefined;
  readonly ready: boolean;
  readonly restartCount: number;
}

export interface PodWorkerOptions {
  readonly store: ClusterStore;
  readonly pod: PodObject;
  readonly place: PodPlace;
  readonly extraEnvironment: Readonly<Record<string, string>>;
  readonly restartBackoffMs: number;
  /** Resolves while this node's kubelet works; pending while a fault has stopped it. */
  whenWorking(): Promise<void>;
  isWorking(): boolean;
  onEvent(event: PodEvent): void;
}

/** Runs one pod from its start to its removal. */
export interface PodWorker {
  readonly pod: PodObject;
  readonly place: PodPlace;
  /** Resolves when no process is left and the pod is gone from the API. */
  readonly done: Promise<void>;
  info(): PodInfo;
  /** Begins the pod's end, or shortens it; 0 kills at once. */
  terminate(graceMs: number): void;
  /** Writes the status again, also when nothing changed here. */
  publish(): void;
  /** Undefined while no process runs. */
  exec(): RunInPod | undefined;
  signalEntrypoint(signal: NodeJS.Signals): void;
}

function restarts(pod: PodObject, { exit, hookError }: ContainerEnd): boolean {
  const policy = pod.spec.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && (exit.code !== 0 || hookError !== undefined));
}

/** A container starts with an empty state folder, as it would with a new file system; the log goes on. */
function freshPlaces({ stateFolder, terminationLog }: PodPlace): void {
  rmSync(stateFolder, { recursive: true, force: true });
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(terminationLog, '');
}

export function startPodWorker(options: PodWorkerOptions): PodWorker {
  const { store, pod, place } = options;
  const { name, namespace = '', uid = '' } = pod.metadata;
  const container = containerOf(pod);
  const grace = createGrace();
  const backoff = createRestartBackoff(options.restartBackoffMs);
  const startTime = Date.now();
  let view: ContainerView = newContainer;
  let process: ContainerProcess | undefined;
  let isOver = false;

  const emit = (type: PodEventType): void =>
    options.onEvent({ type, uid, namespace, name, ip: place.ip, at: Date.now() });
  const present = (): PodObject | undefined => {
    const current = getOf(store, kinds.pods, namespace, name);
    return current?.metadata.uid === uid ? current : undefined;
  };

  const publish = (): void => {
    const before = present();
    if (before === undefined || !options.isWorking()) return;
    const status = podStatus({
      pod: before,
      container: view,
      podIp: place.ip,
      hostIp: place.hostIp,
      startTime,
      isOver,
      now: Date.now(),
    });
    const after = kinds.pods.of(store.update(kinds.pods.resource, { ...before, status }, manager, 'status'));
    const runs = (state: PodObject): boolean => state.status?.containerStatuses?.[0]?.state?.running !== undefined;
    if (runs(after) && !runs(before)) emit('pod-started');
    if (isReady(after) !== isReady(before)) emit(isReady(after) ? 'pod-ready' : 'pod-not-ready');
  };
  const report = (change: Partial<ContainerView>): void => {
    view = { ...view, ...change };
    publish();
  };
  const context: PodContext = {
    pod,
    place,
    environment: podEnvironment(pod, place, options.extraEnvironment),
    grace,
    report,
    event: (type, reason, message) => {
      if (present() !== undefined && options.isWorking()) {
        recordEvent(store, pod, { type, reason, message, component: manager }, Date.now());
      }
    },
  };

  const ended = (end: ContainerEnd): ContainerView['state'] => {
    const containerId = containerIdOf(uid, view.restartCount);
    const state = terminatedState(container, { startedAt: end.process.startedAt, containerId }, end.exit, place);
    process = undefined;
    return state;
  };

  /** True when the container is to start again. */
  const waitForRestart = async (end: ContainerEnd, lastState: ContainerView['state']): Promise<boolean> => {
    const waitMs = backoff.next(end.exit.at - end.process.startedAt);
    if (waitMs > 0) {
      const message = `back-off ${waitMs / 1_000}s restarting failed container=${container.name} pod=${name}_${namespace}(${uid})`;
      report({ state: { waiting: { reason: 'CrashLoopBackOff', message } }, lastState });
      context.event('Warning', 'BackOff', message);
      await delay(waitMs, undefined, { signal: grace.begun }).catch(() => undefined);
    }
    await Promise.race([options.whenWorking(), aborted(grace.begun)]);
    return !grace.begun.aborted;
  };

  const runToEnd = async (): Promise<void> => {
    for (;;) {
      publish();
      freshPlaces(place);
      const end = await runContainer(context, (started) => (process = started));
      const state = ended(end);
      isOver = grace.begun.aborted || !restarts(pod, end);
      report({ state, started: false, ready: false });
      if (isOver) return;
      if (!(await waitForRestart(end, state))) break;
      const waiting = {
        reason: end.hookError === undefined ? 'ContainerCreating' : 'PostStartHookError',
        message: end.hookError,
      };
      view = { ...view, state: { waiting }, lastState: state, restartCount: view.restartCount + 1 };
    }
    isOver = true;
    report({ state: view.lastState });
  };

  const live = async (): Promise<void> => {
    mkdirSync(place.folder, { recursive: true });
    writeFileSync(place.logFile, '');
    await runToEnd();
    await aborted(grace.begun);
    grace.dispose();
    if (present() !== undefined) await options.whenWorking();
    if (present()?.metadata.deletionTimestamp !== undefined) {
      store.delete(kinds.pods.resource, namespace, name, { gracePeriodSeconds: 0, uid });
    }
    rmSync(place.folder, { recursive: true, force: true });
    emit('pod-terminated');
  };

  return {
    pod,
    place,
    done: live(),
    info: () => ({
      uid,
      namespace,
      name,
      node: pod.spec.nodeName ?? '',
      ip: place.ip,
      pid: process?.pid,
      ready: view.ready && view.state.running !== undefined,
      restartCount: view.restartCount,
    }),
    terminate(graceMs) {
      const isFirst = !grace.begun.aborted;
      grace.begin(graceMs);
      if (isFirst) emit('pod-terminating');
    },
    publish,
    exec: () => (process === undefined ? undefined : runInPod(context)),
    signalEntrypoint(signal) {
      if (process !== undefined && process.pid !== 0) signalProcess(process.pid, signal);
    },
  };
}
