import {
  type Conventions,
  type Finding,
  findingsError,
  replicasAnnotation,
  youzanConventions,
} from '../conventions/index.js';
import type { KubeObject } from '../kube/index.js';
import { isAutoscaled } from './autoscaler.js';
import { bundleFindings } from './check-bundle.js';
import { isDeployment } from './deployment.js';
import { defaultPolicy, type ReleasePolicy, type ReleasePolicyInput } from './policy.js';

/** The manifests of one app for one cluster; what `synthApp` makes is one. */
export interface ReleaseBundle {
  readonly cluster: string;
  readonly idc: string;
  readonly namespace: string;
  readonly objects: readonly KubeObject[];
  /**
   * Replicas of a Deployment that this release creates; one that is there keeps its own, and an autoscaler of the bundle
   * has the say from the start. Default: what the Deployment's annotation says, which is app.yaml's, else 1.
   */
  readonly replicas?: number | undefined;
}

export interface PlanReleaseInput {
  readonly app: string;
  readonly version: string;
  readonly bundles: readonly ReleaseBundle[];
  /** Names of clusters, first to last. Default: the order of the bundles. */
  readonly order?: readonly string[] | undefined;
  readonly policy: ReleasePolicyInput;
  readonly conventions?: Conventions | undefined;
}

/** What a release does in one cluster. */
export interface ReleaseTarget extends ReleaseBundle {
  /** The workload's Deployment. */
  readonly deployment: string;
  readonly color: string;
  readonly sc: string;
  readonly minReadyMs: number;
  /** The stored release that this one brings back. */
  readonly rollbackOf?: number | undefined;
}

/** Plain data: what is done, in which order, by which rules. */
export interface ReleasePlan {
  readonly app: string;
  readonly version: string;
  /** In order. */
  readonly targets: readonly ReleaseTarget[];
  readonly policy: ReleasePolicy;
}

/**
 * Checks bundles and policy whole, and puts the clusters in order. Reads and writes nothing.
 *
 * @throws YouzanKubeError `RELEASE_INVALID` with every finding.
 *
 * @example
 * const plan = planRelease({ app: 'trade-core', version: '1.4.0', bundles, order: ['bc-a', 'bc-b'], policy: { progressDeadlineMs: 600_000 } });
 */
export function planRelease(input: PlanReleaseInput): ReleasePlan {
  const { app, version, bundles, conventions = youzanConventions } = input;
  const policy: ReleasePolicy = { ...defaultPolicy, ...input.policy };
  const order = input.order ?? bundles.map(({ cluster }) => cluster);
  const findings = [
    ...policyFindings(policy),
    ...orderFindings(order, bundles),
    ...bundles.flatMap((bundle) => bundleFindings(app, bundle, policy, conventions)),
  ];
  if (findings.length > 0) throw findingsError('RELEASE_INVALID', `the release of ${app} ${version}`, findings);
  const targets = order
    .flatMap((cluster) => bundles.filter((bundle) => bundle.cluster === cluster))
    .map((bundle) => targetOf(bundle, conventions));
  return { app, version, targets, policy };
}

function targetOf(bundle: ReleaseBundle, conventions: Conventions): ReleaseTarget {
  const { labels: keys } = conventions;
  const objects = bundle.objects.map((object): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, namespace: bundle.namespace },
  }));
  const deployment = objects.find(isDeployment);
  const labels = deployment?.metadata.labels ?? {};
  const name = deployment?.metadata.name ?? '';
  const said = deployment?.metadata.annotations?.[replicasAnnotation(conventions)];
  const replicas = bundle.replicas ?? (said === undefined ? undefined : Number(said));
  return {
    ...bundle,
    objects,
    replicas: isAutoscaled(objects, name) ? undefined : replicas,
    deployment: name,
    color: labels[keys.color] ?? 'stable',
    sc: labels[keys.sc] ?? '',
    minReadyMs: (deployment?.spec.minReadySeconds ?? 0) * 1000,
  };
}

function policyFindings(policy: ReleasePolicy): Finding[] {
  const atLeast: Readonly<Record<keyof ReleasePolicy, number>> = {
    minSuccessTimeMs: 0,
    progressDeadlineMs: 1,
    publishDeadlineMs: 1,
    maxFailures: 0,
    maxConcurrency: 1,
  };
  const words: readonly (readonly [string, number])[] = Object.entries({ ...policy });
  return words.flatMap(([word, value]) => {
    const least = Object.entries(atLeast).find(([known]) => known === word)?.[1];
    if (least === undefined)
      return [{ path: `policy.${word}`, message: `unknown; there are ${Object.keys(atLeast).join(', ')}` }];
    if (Number.isFinite(value) && value >= least) return [];
    return [{ path: `policy.${word}`, message: `is ${value}; allowed: a finite number of at least ${least}` }];
  });
}

function orderFindings(order: readonly string[], bundles: readonly ReleaseBundle[]): Finding[] {
  const clusters = bundles.map(({ cluster }) => cluster);
  const twice = (list: readonly string[]): string[] => list.filter((one, index) => list.indexOf(one) !== index);
  return [
    ...(bundles.length === 0 ? [{ path: 'bundles', message: 'there is none' }] : []),
    ...twice(clusters).map((cluster) => ({ path: 'bundles', message: `two bundles for cluster ${cluster}` })),
    ...twice(order).map((cluster) => ({ path: 'order', message: `names ${cluster} twice` })),
    ...order
      .filter((cluster) => !clusters.includes(cluster))
      .map((cluster) => ({
        path: 'order',
        message: `names ${cluster}, which has no bundle; there are ${clusters.join(', ')}`,
      })),
    ...clusters
      .filter((cluster) => !order.includes(cluster))
      .map((cluster) => ({ path: 'order', message: `lacks ${cluster}, which has a bundle` })),
  ];
}
