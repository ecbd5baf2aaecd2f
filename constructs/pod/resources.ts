import { k8s } from 'cdk8s-plus-28';
import type { ResourceSettings } from '../../src/app-yaml/index.js';
import { type Conventions, type Finding, quantityValue, youzanConventions } from '../../src/conventions/index.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import type { PodConcern } from './pod-part.js';

/** Requests and limits. */
export const resourcesPart: PodConcern = ({ props, conventions }) => {
  const { requests, limits } = resourcesOf(props, conventions);
  const parts = { requests: amounts(requests), limits: amounts(limits) };
  return parts.requests === undefined && parts.limits === undefined ? undefined : { main: { resources: parts } };
};

/** What an app's container asks for: the props', which may be a class, else app.yaml's. */
export function resourcesOf(
  { resources, spec }: Pick<YouzanAppProps, 'resources' | 'spec'>,
  { resourceClasses }: Conventions,
): ResourceSettings {
  if (typeof resources !== 'string') return resources ?? spec.resources;
  return Object.hasOwn(resourceClasses, resources) ? (resourceClasses[resources] ?? {}) : {};
}

function amounts(settings: ResourceSettings['requests']): Record<string, k8s.Quantity> | undefined {
  const entries = Object.entries(settings ?? {}).map(([name, text]) => [name, k8s.Quantity.fromString(text)] as const);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Amounts that are none, and a class that is not there. */
export function resourceFindings({ resources, conventions = youzanConventions }: YouzanAppProps): Finding[] {
  if (typeof resources === 'string') {
    const known = Object.keys(conventions.resourceClasses);
    return known.includes(resources)
      ? []
      : [{ path: 'resources', message: `"${resources}" is no resource class; known are ${known.join(', ')}` }];
  }
  return (['requests', 'limits'] as const).flatMap((group) =>
    Object.entries(resources?.[group] ?? {})
      .filter(([, quantity]) => !((quantityValue(quantity) ?? 0) > 0))
      .map(([name, quantity]) => ({
        path: `resources.${group}.${name}`,
        message: `"${quantity}" is no quantity above 0, such as 500m, 2 or 1Gi`,
      })),
  );
}
