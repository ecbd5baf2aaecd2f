import { setTimeout as delay } from 'node:timers/promises';
import { type Conventions, isYouzanKubeError } from '../conventions/index.js';
import { isKubeError, type KubeReader, type ObjectRef, resources } from '../kube/index.js';
import type { DeploymentObject, ReplicaSetObject } from './deployment.js';
import { hashLabel } from './deployment.js';
import { diagnosisOf, type EventObject, isEnding, isReadyPod, type PodObject } from './diagnosis.js';
import type { ReleaseTarget } from './plan.js';
import { conditionOf } from './rollout.js';

export interface DiagnoseOptions {
  readonly client: KubeReader;
  readonly app: string;
  readonly target: ReleaseTarget;
  readonly templateHash: string | undefined;
  readonly conventions: Conventions;
  readonly signal: AbortSignal;
}

const mostPods = 3;
const endingMs = 15_000;
const lookAgainMs = 300;

/** What stands in the way of a rollout: a line for each pod that is not ready, or for its controllers. Never throws for a cluster that cannot be read. */
export async function diagnose(options: DiagnoseOptions): Promise<readonly string[]> {
  try {
    const pods = await unreadyPods(options);
    if (pods.length === 0) return await controllerTexts(options);
    const lines = await Promise.all(pods.slice(0, mostPods).map((pod) => podText(options, pod)));
    return pods.length > mostPods ? [...lines, `and ${pods.length - mostPods} more pods`] : lines;
  } catch (error) {
    if (!isYouzanKubeError(error)) throw error;
    return [`why could not be found out: ${error.message}`];
  }
}

async function unreadyPods({
  client,
  app,
  target,
  templateHash,
  conventions,
  signal,
}: DiagnoseOptions): Promise<PodObject[]> {
  if (templateHash === undefined) return [];
  const labelSelector = `${conventions.labels.app}=${app},${hashLabel}=${templateHash}`;
  const { items } = await client.list<PodObject>(resources.pods, {
    namespace: target.namespace,
    labelSelector,
    signal,
  });
  return items.filter((pod) => !isReadyPod(pod));
}

/** A container whose hook failed is stopped through its preStop hook; only then do its status and log say more. */
async function podText({ client, target, signal }: DiagnoseOptions, pod: PodObject): Promise<string> {
  const { namespace } = target;
  const { name, uid = '' } = pod.metadata;
  const until = performance.now() + endingMs;
  for (let seen = pod; ;) {
    const [events, { log, trouble }] = await Promise.all([
      client.list<EventObject>(resources.events, { namespace, fieldSelector: `involvedObject.uid=${uid}`, signal }),
      readLog(client, { namespace, name }, signal),
    ]);
    const text = `${diagnosisOf(seen, events.items, log)}${trouble}`;
    if (!isEnding(seen, events.items) || performance.now() >= until || signal.aborted) return text;
    await delay(lookAgainMs, undefined, { signal }).catch(() => undefined);
    try {
      const now = await client.get<PodObject>(resources.pods, { namespace, name }, { signal });
      if (now.metadata.uid !== uid) return text;
      seen = now;
    } catch (error) {
      if (!isYouzanKubeError(error)) throw error;
      return isKubeError(error, 'KUBE_FORBIDDEN') ? `${text}; how it ended could not be read: ${error.message}` : text;
    }
  }
}

/** The end of a pod's log. A container that never started has none; one that may not be read is worth a word. */
async function readLog(
  client: KubeReader,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<{ readonly log: string; readonly trouble: string }> {
  try {
    return { log: await client.logs(ref, { tailLines: 50, signal }), trouble: '' };
  } catch (error) {
    const isRefused = isKubeError(error, 'KUBE_FORBIDDEN');
    return { log: '', trouble: isRefused ? `; its log could not be read: ${error.message}` : '' };
  }
}

/** No pod to ask: the Deployment's and its ReplicaSet's own words, a quota for example. */
async function controllerTexts({
  client,
  app,
  target,
  templateHash,
  conventions,
  signal,
}: DiagnoseOptions): Promise<string[]> {
  const { namespace, deployment: name } = target;
  const labelSelector = `${conventions.labels.app}=${app}`;
  const [deployment, sets] = await Promise.all([
    client.get<DeploymentObject>(resources.deployments, { namespace, name }, { signal }),
    client.list<ReplicaSetObject & Pick<DeploymentObject, 'status'>>(resources.replicaSets, {
      namespace,
      labelSelector,
      signal,
    }),
  ]);
  const set = sets.items.find(({ metadata }) => metadata.labels?.[hashLabel] === templateHash);
  const failures = [deployment, set].flatMap(
    (one) => conditionOf(one?.status?.conditions, 'ReplicaFailure')?.message ?? [],
  );
  return [...new Set(failures)].slice(0, 1);
}
