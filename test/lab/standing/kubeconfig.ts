import { readFileSync } from 'node:fs';

interface Kubeconfig {
  readonly clusters: readonly object[];
  readonly users: readonly object[];
  readonly contexts: readonly { readonly name: string }[];
}

/** One kubeconfig of several whose names differ, as the lab's do; the first one's context is the current one. */
export function mergeKubeconfigs(texts: readonly string[]): string {
  const all = texts.map((text) => JSON.parse(text) as Kubeconfig);
  const contexts = all.flatMap((config) => config.contexts);
  const merged = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: all.flatMap((config) => config.clusters),
    users: all.flatMap((config) => config.users),
    contexts,
    'current-context': contexts[0]?.name ?? '',
  };
  return JSON.stringify(merged, undefined, 2);
}

export const mergedFiles = (files: readonly string[]): string =>
  mergeKubeconfigs(files.map((file) => readFileSync(file, 'utf8')));
