import type { Conventions } from '../../src/conventions/index.js';
import type { ManifestObject } from '../objects/manifest-object.js';
import { at, rootOf } from './place.js';
import { type Pod, podsOf } from './pods.js';
import type { Rule } from './rule.js';

const chainOf = ({ labels }: Pod, { labels: keys }: Conventions): string | undefined => labels[keys.sc];

const namespaceOf = ({ object }: Pod, bundle: readonly ManifestObject[]): ManifestObject | undefined =>
  bundle.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === object.metadata.namespace);

export const projectNamespace: Rule = {
  id: 'project-namespace',
  what: "Pods have the service chain of their namespace, when the namespace is in the bundle: a project environment's namespace has one, every other none.",
  why: 'Requests of the chain would miss them, or requests without would reach them.',
  severity: 'error',
  fix: 'take namespace and sc from place of the ProjectEnvironment',
  check: (bundle, { conventions }) =>
    podsOf(bundle).flatMap((pod) => {
      const namespace = namespaceOf(pod, bundle);
      const wanted = namespace?.metadata.labels?.[conventions.labels.sc];
      const chain = chainOf(pod, conventions);
      if (namespace === undefined || wanted === chain) return [];
      const of = (sc: string | undefined): string =>
        sc === undefined ? 'no service chain' : `the service chain ${sc}`;
      return [
        {
          place: at(pod.template, 'metadata.labels'),
          message: `has ${of(chain)}; namespace ${namespace.metadata.name} has ${of(wanted)}`,
        },
      ];
    }),
};

export const serviceChainPlace: Rule = {
  id: 'service-chain-place',
  what: "Pods of a service chain run in a namespace that is named after it, as a project environment's is.",
  why: 'In a namespace of the standard environment its Services would select them, and its quota would count them.',
  severity: 'warning',
  fix: 'make a ProjectEnvironment, and take the props from its place',
  check: (bundle, { conventions }) =>
    podsOf(bundle).flatMap((pod) => {
      const chain = chainOf(pod, conventions);
      const { namespace = 'default' } = pod.object.metadata;
      const fits =
        chain === undefined || namespaceOf(pod, bundle) !== undefined || `-${namespace}-`.includes(`-${chain}-`);
      return fits
        ? []
        : [{ place: at(rootOf(pod.object), 'metadata.namespace'), message: `"${namespace}" is not that of ${chain}` }];
    }),
};
