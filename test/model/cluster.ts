// What happens in the cluster: pods come, serve and go; slices are written with each change; watches tell it later.
import type { SliceChange } from '../../src/k8s-sync/core/index.js';
import type { Action } from './action.js';
import { processOf, type Scene, setCluster, setProcess, take } from './process.js';
import type { Condition, Conditions, Entry, ModelState, Objects } from './state.js';
import { resumed } from './told.js';
import { appsOf, listed, type PodSpec, sliceKeyOf, sliceOf, type Transition, type WorldSpec } from './world.js';

export function podActions({ world }: Scene, state: ModelState): Action[] {
  const { pods, apps } = state.cluster;
  if (Object.values(state.processes).some(({ stream }) => stream.queue.length >= world.lag)) return [];
  const changes = world.pods.flatMap((pod) =>
    nextConditions(world, state, pod).map(({ to, what, budget = {} }) => ({
      text: () => `pod ${pod.uid} ${what}`,
      run: () =>
        changePods(world, { ...state, budget: { ...state.budget, ...budget } }, { ...pods, [pod.uid]: to }, apps),
    })),
  );
  const deleted = world.deletesApps ? apps : [];
  return [
    ...changes,
    ...deleted.map((app) => ({
      text: () => `app ${app} is deleted, its pods still run`,
      run: () =>
        changePods(
          world,
          state,
          pods,
          apps.filter((one) => one !== app),
        ),
    })),
  ];
}

interface Next {
  readonly to: Condition;
  readonly what: string;
  readonly budget?: Partial<ModelState['budget']>;
}

function nextConditions(world: WorldSpec, { cluster, budget }: ModelState, pod: PodSpec): Next[] {
  const may = (what: Transition): boolean => !world.without.includes(what) && pod.without?.includes(what) !== true;
  const next: Next[] = [];
  const { pods } = cluster;
  switch (pods[pod.uid]) {
    case 'planned':
      if (isFree(world, pods, pod)) next.push({ to: 'unready', what: `is created at ${pod.at}` });
      break;
    case 'unready':
      if (may('become-ready') && !isRobbed(world, pods, pod)) next.push({ to: 'ready', what: 'becomes ready' });
      if (may('end-unready')) next.push({ to: 'ended', what: 'ends, and did not serve' });
      if (may('force')) next.push({ to: 'gone', what: 'is deleted by force' });
      break;
    case 'ready':
      if (budget.flaps > 0) next.push({ to: 'unready', what: 'turns not ready', budget: { flaps: budget.flaps - 1 } });
      if (budget.moves > 0)
        next.push({ to: 'moving', what: 'leaves its slice for another', budget: { moves: budget.moves - 1 } });
      if (may('end')) next.push({ to: 'terminating', what: 'is terminating, and serves' });
      if (may('force')) next.push({ to: 'gone', what: 'is deleted by force' });
      break;
    case 'moving':
      next.push({ to: 'ready', what: 'is in a slice again' });
      break;
    case 'terminating':
      next.push({ to: 'ended', what: 'serves no more' });
      break;
    case 'ended':
      next.push({ to: 'gone', what: 'is gone' });
      break;
  }
  return next;
}

/** An address is free when its pod does not serve: on a lost node the old pod's object may still stand. */
function isFree(world: WorldSpec, pods: Conditions, { uid, at }: PodSpec): boolean {
  const others = world.pods.filter((other) => other.at === at && other.uid !== uid);
  return others.every((other) => ['unready', 'ended', 'gone'].includes(pods[other.uid] ?? 'gone'));
}

/** Its address has another pod: it never comes back. */
function isRobbed(world: WorldSpec, pods: Conditions, { uid, at }: PodSpec): boolean {
  const later = world.pods.slice(world.pods.findIndex((pod) => pod.uid === uid) + 1);
  return later.some((other) => other.at === at && pods[other.uid] !== 'planned');
}

export function changePods(world: WorldSpec, state: ModelState, pods: Conditions, apps: readonly string[]): ModelState {
  const { version, pods: formerPods, apps: formerApps, epoch } = state.cluster;
  let current = setCluster(state, { before: { version, pods: formerPods, apps: formerApps, epoch }, pods, apps });
  for (const app of appsOf(world)) {
    const [was, is] = [sliceText(world, state.cluster, app), sliceText(world, current.cluster, app)];
    if (was === is) continue;
    const entry: Entry = {
      version: current.cluster.version + 1,
      app,
      pods: apps.includes(app) ? listed(world, app, pods) : undefined,
    };
    current = push(setCluster(current, { version: entry.version }), entry);
  }
  return current;
}

const sliceText = (world: WorldSpec, { pods, apps }: Objects, app: string): string =>
  apps.includes(app) ? JSON.stringify(listed(world, app, pods)) : '';

/**
 * A server sends nothing that is older than what was asked for: after a restore it is silent for long. Who stands still
 * hears no more than what was on its way.
 */
function push(state: ModelState, entry: Entry): ModelState {
  let current = state;
  for (const { name, stream, lease } of Object.values(state.processes))
    if (lease !== 'stale' && stream.state !== 'listing' && entry.version > stream.version)
      current = setProcess(current, name, { stream: { ...stream, queue: [...stream.queue, entry] } });
  return current;
}

export function streamActions(scene: Scene, state: ModelState): Action[] {
  return Object.values(state.processes)
    .filter(({ isPaused }) => !isPaused)
    .flatMap(({ name, stream }): Action[] => {
      if (stream.state === 'listing')
        return [{ text: () => `${name} gets a complete list`, run: () => list(scene, state, name, state.cluster) }];
      if (stream.state === 'broken')
        return [{ text: () => `${name} takes its watch up again`, run: () => resume(scene, state, name) }];
      return stream.queue.length === 0
        ? []
        : [{ text: () => tellText(name, stream.queue[0]), run: () => tell(scene, state, name) }];
    });
}

const tellText = (name: string, entry: Entry | undefined): string => {
  const pods = Object.entries(entry?.pods ?? {}).map(([uid, condition]) => `${uid} ${condition}`);
  return `${name} is told: ${entry?.pods === undefined ? 'the slice is deleted' : `the slice has [${pods.join(', ')}]`}`;
};

/** A complete list, and the watch after it; of an older moment, the watch tells what came since. */
export function list(scene: Scene, state: ModelState, name: string, at: Objects): ModelState {
  const { world } = scene;
  const slices = Object.fromEntries(
    at.apps.map((app) => [sliceKeyOf(app), sliceOf(world, app, listed(world, app, at.pods))]),
  );
  const queue = appsOf(world)
    .filter((app) => sliceText(world, at, app) !== sliceText(world, state.cluster, app))
    .map((app): Entry => {
      const { version, apps, pods } = state.cluster;
      return { version, app, pods: apps.includes(app) ? listed(world, app, pods) : undefined };
    });
  const opened = setProcess(state, name, { stream: { state: 'open', version: at.version, queue } });
  const taken = take(scene, opened, name, {
    type: 'slices',
    changes: [{ kind: 'replaced', slices, resourceVersion: String(at.version) }, { kind: 'connected' }],
  });
  return setProcess(taken, name, { told: resumed(processOf(taken, name).told, queue.length) });
}

export function breakStream(scene: Scene, state: ModelState, name: string, isGone: boolean): ModelState {
  const { stream } = processOf(state, name);
  const broken = { ...stream, state: 'broken' as const };
  const relisted = { state: 'listing' as const, version: 0, queue: [] };
  const cut = setProcess(state, name, { stream: isGone ? relisted : broken });
  return take(scene, cut, name, { type: 'slices', changes: [{ kind: 'disconnected', reason: 'reset' }] });
}

function resume(scene: Scene, state: ModelState, name: string): ModelState {
  const { stream } = processOf(state, name);
  const open = setProcess(state, name, { stream: { ...stream, state: 'open' } });
  const taken = take(scene, open, name, { type: 'slices', changes: [{ kind: 'connected' }] });
  return setProcess(taken, name, { told: resumed(processOf(taken, name).told, stream.queue.length) });
}

function tell(scene: Scene, state: ModelState, name: string): ModelState {
  const { stream } = processOf(state, name);
  const [entry, ...queue] = stream.queue;
  if (entry === undefined) return state;
  const resourceVersion = String(entry.version);
  const key = sliceKeyOf(entry.app);
  const change: SliceChange =
    entry.pods === undefined
      ? { kind: 'removed', key, resourceVersion }
      : { kind: 'upserted', key, slice: sliceOf(scene.world, entry.app, entry.pods), resourceVersion };
  const told = setProcess(state, name, { stream: { ...stream, version: entry.version, queue } });
  return take(scene, told, name, { type: 'slices', changes: [change] });
}
