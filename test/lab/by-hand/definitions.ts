// Kinds that Kubernetes has not, by as much of their schema as a test needs.
import type { KubeObject, ResourceType } from '../../../src/kube/index.js';

export const definitions: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

export interface Definition {
  readonly group: string;
  /** Default: `v1`. */
  readonly version?: string;
  readonly kind: string;
  readonly plural: string;
  /** The schema of its spec. Default: anything may stand in the object. */
  readonly spec?: object;
}

/** The object that defines a kind. */
export function definition({ group, version = 'v1', kind, plural, spec }: Definition): KubeObject {
  const fields = spec === undefined ? { 'x-kubernetes-preserve-unknown-fields': true } : { properties: { spec } };
  // Groups of Kubernetes' own are taken with such a note only.
  const note = { annotations: { 'api-approved.kubernetes.io': 'unapproved, in a lab' } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, ...(group.endsWith('.k8s.io') && note) },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: kind.toLowerCase(), kind },
      versions: [
        { name: version, served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', ...fields } } },
      ],
    },
  };
}

const text = { type: 'string' };
const map = (properties: object): object => ({ type: 'object', properties });
const list = (items: object): object => ({ type: 'array', items });
const amounts = { type: 'object', additionalProperties: { 'x-kubernetes-int-or-string': true } };
const policy = map({
  containerName: text,
  controlledResources: list(text),
  minAllowed: amounts,
  maxAllowed: amounts,
});

/** The kind that the Vertical Pod Autoscaler brings: the fields of it that a bundle may have, and no other. */
export const verticalAutoscalers = definition({
  group: 'autoscaling.k8s.io',
  kind: 'VerticalPodAutoscaler',
  plural: 'verticalpodautoscalers',
  spec: map({
    targetRef: map({ apiVersion: text, kind: text, name: text }),
    updatePolicy: map({ updateMode: { ...text, enum: ['Off', 'Initial', 'Recreate', 'InPlaceOrRecreate', 'Auto'] } }),
    resourcePolicy: map({ containerPolicies: list(policy) }),
  }),
});

/** The kind that Multus reads. */
export const networkAttachments = definition({
  group: 'k8s.cni.cncf.io',
  kind: 'NetworkAttachmentDefinition',
  plural: 'network-attachment-definitions',
  spec: map({ config: text }),
});
