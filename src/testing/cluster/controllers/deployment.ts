import { createHash } from 'node:crypto';
import type { ClusterStore, StoreEvent } from '../store.js';
import {
  getOf,
  keyOf,
  kinds,
  listOf,
  namespaceAndName,
  timeText,
  type DeploymentObject,
  type ReplicaSetObject,
} from './objects.js';
import { adopted, controllerOf, controllerReference, isControlledBy, matchesSelector } from './ownership.js';
import { currentSetReplicas, planScaling, resolveBounds, type RolloutView, type SetView } from './rollout-plan.js';
import { rolloutStatus } from './rollout-status.js';

const manager = 'deployment-controller';
const hashLabel = 'pod-template-hash';
const revisionKey = 'deployment.kubernetes.io/revision';
const desiredKey = 'deployment.kubernetes.io/desired-replicas';
const maximumKey = 'deployment.kubernetes.io/max-replicas';

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, field]) => [key, sorted(field)]));
}

/** Ten characters that name a pod template; equal templates have equal hashes. */
export function templateHash(deployment: DeploymentObject): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(sorted(deployment.spec.template)))
    .digest();
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  return [...digest.subarray(0, 10)].map((byte) => letters.charAt(byte % letters.length)).join('');
}

const revisionOf = (set: ReplicaSetObject): number => Number(set.metadata.annotations?.[revisionKey] ?? 0);
const annotatedNumber = (set: ReplicaSetObject, key: string): number | undefined => {
  const text = set.metadata.annotations?.[key];
  return text === undefined ? undefined : Number(text);
};

function viewOf(set: ReplicaSetObject): SetView {
  return {
    name: set.metadata.name,
    replicas: set.spec.replicas ?? 0,
    available: set.status?.availableReplicas ?? 0,
    desired: annotatedNumber(set, desiredKey),
    maximum: annotatedNumber(set, maximumKey),
  };
}

function ownSets(store: ClusterStore, deployment: DeploymentObject): ReplicaSetObject[] {
  const { resource } = kinds.replicaSets;
  const all = listOf(store, kinds.replicaSets, deployment.metadata.namespace);
  const orphans = all.filter(
    (set) => controllerOf(set) === undefined && matchesSelector(deployment.spec.selector, set.metadata.labels),
  );
  const taken = orphans.map((set) =>
    kinds.replicaSets.of(store.update(resource, adopted(set, kinds.deployments.resource, deployment), manager)),
  );
  return [...all.filter((set) => isControlledBy(set, deployment)), ...taken].sort(
    (left, right) => revisionOf(left) - revisionOf(right),
  );
}

function newSet(deployment: DeploymentObject, hash: string, replicas: number): ReplicaSetObject {
  const { template, selector } = deployment.spec;
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      ownerReferences: [controllerReference(kinds.deployments.resource, deployment)],
    },
    spec: {
      replicas,
      minReadySeconds: deployment.spec.minReadySeconds ?? 0,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** The set with these replicas and what it was scaled for; unchanged fields cause no write. */
function scaled(set: ReplicaSetObject, replicas: number, view: RolloutView): ReplicaSetObject {
  const annotations = {
    ...set.metadata.annotations,
    [desiredKey]: String(view.replicas),
    [maximumKey]: String(view.replicas + view.maxSurge),
  };
  return { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } };
}

interface Rollout {
  readonly deployment: DeploymentObject;
  readonly current: ReplicaSetObject | undefined;
  readonly old: readonly ReplicaSetObject[];
  readonly view: RolloutView;
}

function observe(store: ClusterStore, deployment: DeploymentObject, hash: string): Rollout {
  const sets = ownSets(store, deployment);
  const current = sets.find((set) => set.metadata.labels?.[hashLabel] === hash);
  const old = sets.filter((set) => set !== current);
  const replicas = deployment.spec.replicas ?? 1;
  const view: RolloutView = {
    replicas,
    ...resolveBounds(deployment.spec.strategy?.rollingUpdate, replicas),
    paused: deployment.spec.paused === true,
    current: current === undefined ? undefined : viewOf(current),
    old: old.map(viewOf),
  };
  return { deployment, current, old, view };
}

/** The present template's set gets the newest revision, the Deployment's `minReadySeconds`, and is there at all. */
function bringUpCurrent(store: ClusterStore, { deployment, current, old, view }: Rollout, hash: string): void {
  const { resource } = kinds.replicaSets;
  if (view.paused) return;
  const newest = Math.max(0, ...old.map(revisionOf));
  const base = current ?? newSet(deployment, hash, currentSetReplicas(view));
  const revision = revisionOf(base) > newest ? revisionOf(base) : newest + 1;
  const annotations = { ...base.metadata.annotations, [revisionKey]: String(revision) };
  const next: ReplicaSetObject = {
    ...base,
    metadata: { ...base.metadata, annotations },
    spec: { ...base.spec, minReadySeconds: deployment.spec.minReadySeconds ?? 0 },
  };
  if (current === undefined) store.create(resource, scaled(next, base.spec.replicas ?? 0, view), manager);
  else store.update(resource, next, manager);
}

function removeOldHistory(store: ClusterStore, { deployment, old }: Rollout): void {
  const empty = old.filter((set) => (set.spec.replicas ?? 0) === 0 && (set.status?.replicas ?? 0) === 0);
  const surplus = empty.length - (deployment.spec.revisionHistoryLimit ?? 10);
  for (const set of empty.slice(0, Math.max(0, surplus))) {
    store.delete(kinds.replicaSets.resource, set.metadata.namespace ?? '', set.metadata.name);
  }
}

function writeStatus(store: ClusterStore, hash: string, key: string, now: number): number | undefined {
  const [namespace, name] = namespaceAndName(key);
  const deployment = getOf(store, kinds.deployments, namespace, name);
  if (deployment === undefined) return undefined;
  const { current, old, view } = observe(store, deployment, hash);
  const revision = current?.metadata.annotations?.[revisionKey];
  const annotations = {
    ...deployment.metadata.annotations,
    ...(revision !== undefined && { [revisionKey]: revision }),
  };
  const sets = current === undefined ? old : [...old, current];
  const { status, deadlineAt } = rolloutStatus({
    deployment,
    current,
    sets,
    maxUnavailable: view.maxUnavailable,
    isNewRollout: revision !== undefined && revision !== deployment.metadata.annotations?.[revisionKey],
    now,
  });
  const metadata = { ...deployment.metadata, annotations };
  store.update(kinds.deployments.resource, { ...deployment, metadata, status }, manager, 'status');
  return deadlineAt === undefined ? undefined : deadlineAt - now + 1;
}

function refuse(store: ClusterStore, deployment: DeploymentObject, now: number): void {
  const message = 'The embedded cluster has no Recreate strategy; use RollingUpdate';
  const at = timeText(now);
  const former = deployment.status?.conditions?.find(({ reason }) => reason === 'NotModelled');
  const condition = former ?? {
    type: 'Progressing',
    status: 'False',
    reason: 'NotModelled',
    message,
    lastUpdateTime: at,
    lastTransitionTime: at,
  };
  const status = {
    ...deployment.status,
    observedGeneration: deployment.metadata.generation ?? 0,
    conditions: [condition],
  };
  store.update(kinds.deployments.resource, { ...deployment, status }, manager, 'status');
}

/** One step of a Deployment's rollout; answers the milliseconds until its progress deadline. */
export function reconcileDeployment(store: ClusterStore, key: string, now: number): number | undefined {
  const [namespace, name] = namespaceAndName(key);
  const deployment = getOf(store, kinds.deployments, namespace, name);
  if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) return undefined;
  if (deployment.spec.strategy?.type === 'Recreate') {
    refuse(store, deployment, now);
    return undefined;
  }
  const hash = templateHash(deployment);
  bringUpCurrent(store, observe(store, deployment, hash), hash);
  const rollout = observe(store, deployment, hash);
  const sets = rollout.current === undefined ? rollout.old : [...rollout.old, rollout.current];
  for (const [set, replicas] of planScaling(rollout.view)) {
    const present = sets.find(({ metadata }) => metadata.name === set);
    if (present !== undefined && (replicas > 0 || present.spec.replicas !== 0)) {
      store.update(kinds.replicaSets.resource, scaled(present, replicas, rollout.view), manager);
    }
  }
  removeOldHistory(store, rollout);
  return writeStatus(store, hash, key, now);
}

/** The Deployments that a change may concern. */
export function deploymentsOf(store: ClusterStore, event: StoreEvent): string[] {
  if (event.resource.kind === 'Deployment') return [keyOf(event.object)];
  if (event.resource.kind !== 'ReplicaSet') return [];
  return listOf(store, kinds.deployments, event.object.metadata.namespace)
    .filter(
      (deployment) =>
        isControlledBy(event.object, deployment) ||
        matchesSelector(deployment.spec.selector, event.object.metadata.labels),
    )
    .map(keyOf);
}
