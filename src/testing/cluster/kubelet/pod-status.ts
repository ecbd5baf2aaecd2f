// A pod's status as the kubelet writes it: pure, from what it knows of the container.
import type { ContainerState, ContainerStatus, PodCondition, PodStatus } from 'kubernetes-types/core/v1.js';
import { containerOf, timeText, type PodObject } from '../controllers/objects.js';

/** What the kubelet knows of a pod's one container. */
export interface ContainerView {
  readonly state: ContainerState;
  readonly lastState: ContainerState;
  readonly restartCount: number;
  /** Its startup probe, if it has one, succeeded. */
  readonly started: boolean;
  /** Its readiness probe, if it has one, succeeds. */
  readonly ready: boolean;
}

export const newContainer: ContainerView = {
  state: { waiting: { reason: 'ContainerCreating' } },
  lastState: {},
  restartCount: 0,
  started: false,
  ready: false,
};

/** The name of one run of a pod's container. */
export function containerIdOf(podUid: string, restartCount: number): string {
  return `process://${podUid}/${restartCount}`;
}

export interface PodObservation {
  readonly pod: PodObject;
  readonly container: ContainerView;
  readonly podIp: string;
  readonly hostIp: string;
  readonly startTime: number;
  /** The container will not be started again. */
  readonly isOver: boolean;
  readonly now: number;
}

type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

function phaseOf({ container, isOver }: PodObservation): Phase {
  const { running, terminated } = container.state;
  if (isOver && terminated !== undefined) return terminated.exitCode === 0 ? 'Succeeded' : 'Failed';
  return running !== undefined || terminated !== undefined || container.restartCount > 0 ? 'Running' : 'Pending';
}

function condition(
  former: readonly PodCondition[],
  type: string,
  status: boolean,
  now: number,
  why: { readonly reason?: string; readonly message?: string } = {},
): PodCondition {
  const text = status ? 'True' : 'False';
  const before = former.find((other) => other.type === type);
  const at = before?.status === text ? (before.lastTransitionTime ?? timeText(now)) : timeText(now);
  return { type, status: text, lastTransitionTime: at, ...(status ? {} : why) };
}

function unready({ pod, container }: PodObservation, phase: Phase): { reason: string; message?: string } {
  if (phase === 'Succeeded') return { reason: 'PodCompleted' };
  if (phase === 'Failed') return { reason: 'PodFailed' };
  const why = container.started || container.state.running === undefined ? 'unready' : 'unstarted';
  return { reason: 'ContainersNotReady', message: `containers with ${why} status: [${containerOf(pod).name}]` };
}

/** Every readiness gate of the pod is a condition that is true. */
function gatesAreOpen(pod: PodObject, former: readonly PodCondition[]): boolean {
  return (pod.spec.readinessGates ?? []).every(({ conditionType }) =>
    former.some(({ type, status }) => type === conditionType && status === 'True'),
  );
}

/** Conditions of other writers stay; those of the kubelet keep their transition time while they don't change. */
function conditionsOf(observation: PodObservation, phase: Phase): PodCondition[] {
  const { pod, container, now } = observation;
  const former = pod.status?.conditions ?? [];
  const ready = container.ready && container.state.running !== undefined;
  const why = unready(observation, phase);
  const gateReason = { reason: 'ReadinessGatesNotReady', message: 'a readiness gate of the pod is not true' };
  const own = [
    condition(former, 'PodReadyToStartContainers', phase === 'Pending' || phase === 'Running', now),
    condition(former, 'Initialized', true, now),
    condition(former, 'Ready', ready && gatesAreOpen(pod, former), now, ready ? gateReason : why),
    condition(former, 'ContainersReady', ready, now, why),
  ];
  const others = former.filter(({ type }) => !own.some((mine) => mine.type === type));
  return [...own, ...others];
}

function containerStatus(observation: PodObservation): ContainerStatus {
  const { pod, container } = observation;
  const { name, image = '' } = containerOf(pod);
  const isRunning = container.state.running !== undefined;
  return {
    name,
    image,
    imageID: '',
    containerID: containerIdOf(pod.metadata.uid ?? '', container.restartCount),
    restartCount: container.restartCount,
    started: isRunning && container.started,
    ready: isRunning && container.ready,
    state: container.state,
    lastState: container.lastState,
  };
}

export function podStatus(observation: PodObservation): PodStatus {
  const { pod, podIp, hostIp, startTime } = observation;
  const phase = phaseOf(observation);
  return {
    ...pod.status,
    phase,
    reason: undefined,
    message: undefined,
    conditions: conditionsOf(observation, phase),
    hostIP: hostIp,
    podIP: podIp,
    podIPs: [{ ip: podIp }],
    startTime: timeText(startTime),
    containerStatuses: [containerStatus(observation)],
  };
}

/**
 * The status of a pod that the kubelet does not start: waiting for ever, since a failed pod of a Deployment would be
 * replaced by the next one without end.
 */
export function refusedStatus(pod: PodObject, reason: string, message: string, now: number): PodStatus {
  const { name, image = '' } = containerOf(pod);
  const former = pod.status?.conditions ?? [];
  const own = ['Ready', 'ContainersReady'].map((type) => condition(former, type, false, now, { reason, message }));
  const waiting = { name, image, imageID: '', ready: false, started: false, restartCount: 0, lastState: {} };
  return {
    ...pod.status,
    phase: 'Pending',
    reason,
    message,
    conditions: [...own, ...former.filter(({ type }) => !own.some((mine) => mine.type === type))],
    containerStatuses: [{ ...waiting, state: { waiting: { reason, message } } }],
  };
}
