import type { Conventions } from './conventions.js';

/**
 * The annotation of a Deployment with the number of pods that a release gives it when it creates it: no manifest holds
 * `spec.replicas`, which belongs to whoever scales. Its prefix is that of the company's labels.
 */
export const replicasAnnotation = ({ labels }: Pick<Conventions, 'labels'>): string =>
  `${labels.app.slice(0, labels.app.indexOf('/') + 1)}replicas`;
