import type { SyncGuards } from '../../src/k8s-sync/core/index.js';
import type { EndpointSliceRecord } from '../../src/members/index.js';
import type { Budget, Condition, Conditions } from './state.js';

export type FaultKind =
  /** A call is refused: nothing was done. */
  | 'refused'
  /** A call's request or answer is lost, or it arrives when nobody waits any more. */
  | 'lost'
  | 'watch-breaks'
  /** The watch breaks, and where it ended is compacted: 410. */
  | 'watch-gone'
  /** A list comes from a server that lags. */
  | 'stale-list'
  | 'no-heartbeats'
  | 'pause'
  | 'crash'
  | 'etcd-restored'
  /** A gateway comes back with an empty store. */
  | 'store-lost'
  /** Somebody else changes what a gateway has. */
  | 'altered'
  | 'worker-lags'
  /** Time goes on to the next heartbeat, and what is on its way has not arrived. */
  | 'slow'
  | 'operator';

/** What a pod may do beside being created. */
export type Transition = 'end' | 'end-unready' | 'force' | 'become-ready';

export interface PodSpec {
  readonly uid: string;
  /** Last part of its address: pods with the same one have it one after the other. */
  readonly at: number;
  readonly app: string;
  /** Transitions that it has not. */
  readonly without?: readonly Transition[];
}

/** What may happen in a small world. */
export interface WorldSpec {
  readonly name: string;
  readonly about: string;
  readonly pods: readonly PodSpec[];
  readonly start: Conditions;
  /** Explored from the first event on, or from where all has come to rest. */
  readonly from: 'cold' | 'rest';
  readonly gateways: readonly string[];
  readonly faults: readonly FaultKind[];
  readonly budget: Budget;
  /** Transitions of pods that are left out. */
  readonly without: readonly Transition[];
  readonly deletesApps: boolean;
  /** So many changes at most are yet to be told by a watch. */
  readonly lag: number;
  /** What is on its way arrives before the next heartbeat; that it does not is a fault, `slow`. */
  readonly isPrompt: boolean;
  readonly guards: SyncGuards;
  /** The gateway's own. */
  readonly gatewayGuards: SyncGuards;
  /** Epoch of a claim that is there before the first process leads: its Lease was made anew since. */
  readonly formerEpoch: number;
  readonly maxStates: number;
}

export const port = 8030;
export const addressOf = ({ at }: PodSpec): string => `10.0.0.${at}`;
export const keyOf = (pod: PodSpec): string => `${addressOf(pod)}:${port}|${pod.uid}`;
export const upstreamOf = (app: string): string => `${app}.http`;
export const sliceKeyOf = (app: string): string => `default/${app}-1`;

const inSlices: ReadonlySet<Condition> = new Set<Condition>(['unready', 'ready', 'terminating', 'ended']);

/** The pods of an app that a slice lists. */
export function listed(world: WorldSpec, app: string, pods: Conditions): Conditions {
  const own = world.pods.filter((pod) => pod.app === app && inSlices.has(pods[pod.uid] ?? 'gone'));
  return Object.fromEntries(own.map(({ uid }) => [uid, pods[uid] ?? 'gone']));
}

const slices = new Map<string, EndpointSliceRecord>();

/** A slice that lists these pods: one value, however often it is asked for. */
export function sliceOf(world: WorldSpec, app: string, pods: Conditions): EndpointSliceRecord {
  const own = world.pods.filter(({ uid }) => pods[uid] !== undefined);
  const name = `${app} ${own.map(({ uid, at }) => `${uid}@${at} ${pods[uid] ?? ''}`).join()}`;
  const known = slices.get(name);
  if (known !== undefined) return known;
  const slice: EndpointSliceRecord = {
    namespace: 'default',
    service: app,
    app,
    color: 'stable',
    sc: '',
    ports: [{ role: 'http', port }],
    endpoints: own.map((pod) => {
      const condition = pods[pod.uid];
      return {
        ip: addressOf(pod),
        uid: pod.uid,
        pod: `pod-${pod.uid}`,
        node: 'node-1',
        zone: 'z1',
        ready: condition === 'ready',
        serving: condition === 'ready' || condition === 'terminating',
        terminating: condition === 'terminating' || condition === 'ended',
      };
    }),
  };
  slices.set(name, slice);
  return slice;
}

export const appsOf = ({ pods }: WorldSpec): string[] => [...new Set(pods.map(({ app }) => app))];
