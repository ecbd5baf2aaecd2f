// What the pods of a rollout that does not come to its end say of themselves: pure.
import type { KubeObject } from '../kube/index.js';
import { conditionOf } from './rollout.js';
import type { Condition } from './deployment.js';

export interface PodObject extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly message?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: object;
  readonly terminated?: { readonly reason?: string; readonly message?: string; readonly exitCode?: number };
}

export interface EventObject extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

/** Warnings in the order in which they explain most. */
const tellingReasons = [
  'FailedPostStartHook',
  'Failed',
  'FailedScheduling',
  'FailedCreatePodSandBox',
  'Unhealthy',
  'BackOff',
];
const creatingReasons = ['', 'ContainerCreating', 'PodInitializing'];
const longestText = 1500;
/** Lines of a hook begin with this in the container's output. */
const hookLine = /^youzan-hook: .*failed/;

export function isReadyPod({ status, metadata }: PodObject): boolean {
  return metadata.deletionTimestamp === undefined && conditionOf(status?.conditions, 'Ready')?.status === 'True';
}

/** Its hook has failed, and the kubelet has not said yet how the container ended. */
export function isEnding({ status }: PodObject, events: readonly EventObject[]): boolean {
  if (!events.some(({ reason }) => reason === 'FailedPostStartHook')) return false;
  return (status?.containerStatuses ?? []).every(
    ({ state, lastState }) =>
      state?.terminated === undefined &&
      lastState?.terminated === undefined &&
      (state?.waiting === undefined || creatingReasons.includes(state.waiting.reason ?? '')),
  );
}

/** One line of one pod: who, and in its own words why; the hook and its output when a hook failed. */
export function diagnosisOf(pod: PodObject, events: readonly EventObject[], log: string): string {
  const { metadata, status } = pod;
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const hook = events.filter(({ reason }) => reason === 'FailedPostStartHook');
  const words = [
    ...hook.map(({ message }) => `postStart hook failed: ${message ?? ''}`),
    ...containers.filter(({ ready }) => !ready).flatMap(stateTexts),
    ...logLines(log, hook.length > 0),
    ...events
      .filter(
        ({ type, reason = '' }) =>
          type === 'Warning' && tellingReasons.includes(reason) && reason !== 'FailedPostStartHook',
      )
      .sort((left, right) => rank(left) - rank(right))
      .map(({ reason = '', message = '' }) => `${reason}: ${message}`),
    ...(status?.message === undefined ? [] : [status.message]),
    ...(status?.conditions ?? []).flatMap(({ type, status: value, message }) =>
      type === 'PodScheduled' && value !== 'True' && message !== undefined ? [message] : [],
    ),
  ];
  const who = `pod ${metadata.name} (${[metadata.uid, status?.podIP].filter((part) => part !== undefined).join(', ')})`;
  const told = distinct(words.map((text) => text.trim().replace(/\s*\n\s*/g, ' | ')));
  return `${who}: ${told.length === 0 ? `is ${status?.phase ?? 'unknown'} and says nothing` : told.join('; ').slice(0, longestText)}`;
}

function stateTexts({ name, state, lastState, restartCount = 0 }: ContainerStatus): string[] {
  return [state, lastState].flatMap((one) => {
    const { waiting, terminated } = one ?? {};
    if (waiting !== undefined)
      return [`container ${name} waits: ${words(waiting.reason, withoutScript(waiting.message))}`];
    if (terminated === undefined) return [];
    const exit = `container ${name} ended with ${terminated.exitCode ?? 'an unknown code'} (restarts: ${restartCount})`;
    return [`${exit}: ${words(terminated.reason, terminated.message)}`];
  });
}

/**
 * A kubelet's message of a failed hook holds the hook's whole command, twice, here a script of many lines: only how it
 * ended and its output tell anything.
 */
function withoutScript(message: string | undefined): string | undefined {
  return message
    ?.replace(/^Exec lifecycle hook \([^]*?\) for Container "[^"]*" in Pod "[^"]*" failed - /, '')
    .replace(/^error: command '[^]*' exited with /, 'exited with ');
}

function logLines(log: string, isHook: boolean): string[] {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const hooks = lines.filter((line) => hookLine.test(line));
  if (hooks.length > 0) return hooks.slice(-1);
  return isHook || lines.length === 0 ? [] : [`its last output: ${lines.slice(-3).join(' | ')}`];
}

const words = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join(': ');

const rank = ({ reason = '' }: EventObject): number => tellingReasons.indexOf(reason);

/** Without what another text already says. */
function distinct(texts: readonly string[]): string[] {
  const kept: string[] = [];
  for (const text of texts) if (text !== '' && !kept.some((other) => other.includes(text))) kept.push(text);
  return kept;
}
