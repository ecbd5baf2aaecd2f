import type { Conventions } from '../../src/conventions/index.js';

type Labels = Readonly<Record<string, string>>;

/**
 * Labels of a Service that only callers inside the cluster use. Its slices get them, and k8s-sync watches those that name an
 * app: without that label, and what else tells a server, it takes none from them.
 */
export function unpublishedLabels(serviceLabels: Labels, { labels: keys }: Conventions): Labels {
  const published = [keys.app, keys.color, keys.network];
  return Object.fromEntries(Object.entries(serviceLabels).filter(([key]) => !published.includes(key)));
}
