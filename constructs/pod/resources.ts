import { k8s } from 'cdk8s-plus-28';
import type { ResourceSettings } from '../../src/app-yaml/index.js';
import { quantityValue, type Finding } from '../../src/conventions/index.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import type { PodConcern } from './pod-part.js';

/** Requests and limits: the props', else app.yaml's. */
export const resourcesPart: PodConcern = ({ props }) => {
  const { requests, limits } = props.resources ?? props.spec.resources;
  const parts = { requests: amounts(requests), limits: amounts(limits) };
  return parts.requests === undefined && parts.limits === undefined ? undefined : { main: { resources: parts } };
};

function amounts(settings: ResourceSettings['requests']): Record<string, k8s.Quantity> | undefined {
  const entries = Object.entries(settings ?? {}).map(([name, text]) => [name, k8s.Quantity.fromString(text)] as const);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Amounts that are none. */
export function resourceFindings({ resources }: YouzanAppProps): Finding[] {
  return (['requests', 'limits'] as const).flatMap((group) =>
    Object.entries(resources?.[group] ?? {})
      .filter(([, quantity]) => !((quantityValue(quantity) ?? 0) > 0))
      .map(([name, quantity]) => ({
        path: `resources.${group}.${name}`,
        message: `"${quantity}" is no quantity above 0, such as 500m, 2 or 1Gi`,
      })),
  );
}
