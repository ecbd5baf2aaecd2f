import type { KubeObject } from '../../kube/object.js';
import { badRequest } from './api-error.js';
import { mapAt, valueAt, type JsonMap } from './json.js';

/** The Scale of a Deployment or ReplicaSet. */
export function readScale(live: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = live.metadata;
  const labels = Object.entries(mapAt(live, 'spec', 'selector', 'matchLabels'));
  const replicas = valueAt(live, 'status', 'replicas');
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: Object.assign({ name }, { namespace, uid, resourceVersion, creationTimestamp }),
    spec: { replicas: valueAt(live, 'spec', 'replicas') ?? 0 },
    status: {
      replicas: typeof replicas === 'number' ? replicas : 0,
      selector: labels.map(([key, value]) => `${key}=${String(value)}`).join(','),
    },
  };
}

/** The object with the replicas of this Scale; it keeps the Scale's resourceVersion as its precondition. */
export function scaleFrom(live: KubeObject, scale: JsonMap): KubeObject {
  const replicas = valueAt(scale, 'spec', 'replicas') ?? 0;
  if (typeof replicas !== 'number') throw badRequest('spec.replicas of a Scale must be a number');
  const metadata = { ...live.metadata };
  delete metadata.resourceVersion;
  const expected = valueAt(scale, 'metadata', 'resourceVersion');
  return {
    ...live,
    metadata: typeof expected === 'string' ? { ...metadata, resourceVersion: expected } : metadata,
    spec: { ...mapAt(live, 'spec'), replicas },
  };
}
