// The arithmetic of a Deployment's rolling update: how many replicas each of its ReplicaSets should have.

/** One ReplicaSet as the rollout sees it. */
export interface SetView {
  readonly name: string;
  /** `spec.replicas`. */
  readonly replicas: number;
  readonly available: number;
  /** The Deployment's replicas when this set was last scaled; undefined when it never was. */
  readonly desired: number | undefined;
  /** Replicas and surge when this set was last scaled. */
  readonly maximum: number | undefined;
}

export interface RolloutView {
  readonly replicas: number;
  /** Resolved to a number, as {@link resolveBounds} does. */
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  readonly paused: boolean;
  /** The set of the present template, when there is one. */
  readonly current: SetView | undefined;
  /** Oldest first. */
  readonly old: readonly SetView[];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const replicasOf = (sets: readonly SetView[]): number => sum(sets.map((set) => set.replicas));
const setsOf = (view: RolloutView): SetView[] => [...view.old, ...(view.current === undefined ? [] : [view.current])];

function resolve(value: string | number | undefined, replicas: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value ?? '25%')?.[1];
  return percent === undefined ? Number(value) : round((Number(percent) * replicas) / 100);
}

/** Surge rounds up, unavailable rounds down; both 0 would never move, so then one may be unavailable. */
export function resolveBounds(
  rolling: { readonly maxSurge?: string | number; readonly maxUnavailable?: string | number } | undefined,
  replicas: number,
): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const maxSurge = resolve(rolling?.maxSurge, replicas, Math.ceil);
  const maxUnavailable = Math.min(resolve(rolling?.maxUnavailable, replicas, Math.floor), replicas);
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}

/** Replicas of the present template's set: grows as far as the surge allows. */
export function currentSetReplicas(view: RolloutView): number {
  const have = view.current?.replicas ?? 0;
  if (have > view.replicas) return view.replicas;
  const room = view.replicas + view.maxSurge - replicasOf(setsOf(view));
  return have + Math.max(0, Math.min(room, view.replicas - have));
}

type Targets = Map<string, number>;

/** Old sets shrink: first pods that are not available anyway, then as many as may be missing. */
function shrinkOld(view: RolloutView): Targets {
  const targets: Targets = new Map(view.old.map((set) => [set.name, set.replicas]));
  const leastAvailable = view.replicas - view.maxUnavailable;
  const currentUnavailable = Math.max(0, (view.current?.replicas ?? 0) - (view.current?.available ?? 0));
  let unhealthyLeft = Math.max(0, replicasOf(setsOf(view)) - leastAvailable - currentUnavailable);
  if (unhealthyLeft === 0) return targets;
  for (const set of view.old) {
    const drop = Math.min(unhealthyLeft, Math.max(0, set.replicas - set.available));
    targets.set(set.name, set.replicas - drop);
    unhealthyLeft -= drop;
  }
  let healthyLeft = Math.max(
    0,
    Math.min(unhealthyLeft, sum(setsOf(view).map((set) => set.available)) - leastAvailable),
  );
  for (const set of view.old) {
    const have = targets.get(set.name) ?? 0;
    const drop = Math.min(healthyLeft, have);
    targets.set(set.name, have - drop);
    healthyLeft -= drop;
  }
  return targets;
}

/** A changed `spec.replicas` in the middle of a rollout: every set keeps its share. */
function scaleByShare(view: RolloutView): Targets {
  const sets = setsOf(view);
  const active = sets.filter((set) => set.replicas > 0);
  const single = active.length === 0 ? (view.current ?? view.old.at(-1)) : active[0];
  if (active.length <= 1) return new Map(single === undefined ? [] : [[single.name, view.replicas]]);
  const { current } = view;
  const saturated =
    current?.desired === view.replicas && current.replicas === view.replicas && current.available === view.replicas;
  if (saturated) return new Map(view.old.map((set) => [set.name, 0]));
  const total = replicasOf(active);
  const allowed = view.replicas > 0 ? view.replicas + view.maxSurge : 0;
  const toAdd = allowed - total;
  const newestFirst = active.toReversed();
  const ordered = (toAdd > 0 ? newestFirst : active).toSorted((left, right) => right.replicas - left.replicas);
  let left = toAdd;
  const targets: Targets = new Map();
  for (const set of ordered) {
    const share = Math.round((set.replicas * allowed) / (set.maximum ?? total)) - set.replicas;
    const change = toAdd > 0 ? Math.max(0, Math.min(share, left)) : Math.min(0, Math.max(share, left));
    targets.set(set.name, set.replicas + change);
    left -= change;
  }
  const [first] = ordered;
  if (first !== undefined) targets.set(first.name, Math.max(0, (targets.get(first.name) ?? 0) + left));
  return targets;
}

/** True when `spec.replicas` changed since the sets were last scaled. */
export function isScaling(view: RolloutView): boolean {
  return setsOf(view).some((set) => set.replicas > 0 && set.desired !== undefined && set.desired !== view.replicas);
}

/** The next replicas of each set; a set that is not named keeps its own. */
export function planScaling(view: RolloutView): ReadonlyMap<string, number> {
  if (view.paused || isScaling(view)) return scaleByShare(view);
  if (view.current === undefined) return new Map();
  const wanted = currentSetReplicas(view);
  return wanted === view.current.replicas ? shrinkOld(view) : new Map([[view.current.name, wanted]]);
}
