import { replicasAnnotation, type Conventions, type Finding } from '../conventions/index.js';
import { type DeploymentObject, isDeployment } from './deployment.js';
import type { ReleaseBundle } from './plan.js';
import type { ReleasePolicy } from './policy.js';
import { objectKey, resourceTypeOf } from './resource-type.js';

/** Kinds whose pods a release could neither hold nor wait for. */
const ungated: readonly string[] = ['StatefulSet', 'DaemonSet', 'Job'];

/** What makes a bundle unfit for a gated release. */
export function bundleFindings(
  app: string,
  bundle: ReleaseBundle,
  policy: ReleasePolicy,
  conventions: Conventions,
): Finding[] {
  const { cluster, namespace, objects } = bundle;
  const findings: Finding[] = [];
  const find = (path: string, message: string): void => void findings.push({ path: `${cluster}/${path}`, message });
  if (bundle.replicas !== undefined && !(Number.isInteger(bundle.replicas) && bundle.replicas >= 0)) {
    find('replicas', `is ${bundle.replicas}; allowed: a whole number of at least 0`);
  }
  const seen = new Set<string>();
  for (const object of objects) {
    const key = objectKey(object);
    if (seen.has(key)) find(key, 'stands in the bundle twice');
    seen.add(key);
    if (resourceTypeOf(object) === undefined) find(key, 'is of a kind that a bundle may not hold');
    if (ungated.includes(object.kind))
      find(key, 'is no part of a release, which gates Deployments: apply it by itself');
    const own = object.metadata.namespace;
    if (own !== undefined && own !== namespace) find(key, `is in namespace ${own}; the bundle is for ${namespace}`);
  }
  const deployments = objects.filter(isDeployment);
  if (deployments.length !== 1) find('objects', `has ${deployments.length} Deployments; a release has exactly one`);
  for (const deployment of deployments) {
    const where = objectKey(deployment);
    for (const message of deploymentFindings(app, deployment, policy, conventions)) find(where, message);
  }
  return findings;
}

function deploymentFindings(
  app: string,
  { metadata, spec }: DeploymentObject,
  policy: ReleasePolicy,
  conventions: Conventions,
): string[] {
  const { strategy = {}, minReadySeconds = 0 } = spec;
  const unavailable = strategy.rollingUpdate?.maxUnavailable;
  const appKey = conventions.labels.app;
  const named = metadata.labels?.[appKey];
  const replicasKey = replicasAnnotation(conventions);
  const replicas = metadata.annotations?.[replicasKey];
  const found: (readonly [boolean, string])[] = [
    [named !== app, `label ${appKey} is ${named ?? 'absent'}; it should be ${app}`],
    [
      replicas !== undefined && !/^\d{1,6}$/.test(replicas),
      `annotation ${replicasKey} is "${replicas ?? ''}"; allowed: a whole number of at least 0`,
    ],
    ['replicas' in spec, 'has replicas: a release never sets them, scale() does'],
    ['paused' in spec, 'has paused: the release itself holds and resumes a rollout'],
    [strategy.type === 'Recreate', 'has strategy Recreate: no old pod would serve while the new ones start'],
    [
      unavailable !== 0 && unavailable !== '0%',
      `maxUnavailable is ${unavailable === undefined ? 'absent' : JSON.stringify(unavailable)}; it must be 0, so that an old pod goes only for a published new one`,
    ],
    [
      minReadySeconds * 1000 < policy.publishDeadlineMs,
      `minReadySeconds is ${minReadySeconds}; it must be at least the publish deadline, ${policy.publishDeadlineMs / 1000}`,
    ],
  ];
  return found.filter(([wrong]) => wrong).map(([, message]) => message);
}
