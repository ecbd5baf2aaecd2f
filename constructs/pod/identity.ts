import type { PodConcern } from './pod-part.js';

/** The labels by which pods are selected, counted and found. */
export const identityPart: PodConcern = ({ workload }) => ({ labels: workload.labels });
