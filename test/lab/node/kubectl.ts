// `kubectl` at a cluster of the lab.
import { execFile } from 'node:child_process';
import type { ManifestObject } from '../../../constructs/index.js';
import { locateBinaries } from '../binaries/locate.js';
import type { LabCluster } from '../cluster/lab-cluster.js';

/** Runs kubectl and gives its output; a text for `-f -` may follow the words. */
export type Kubectl = (words: readonly string[], input?: string) => Promise<string>;

export function kubectlOf({ kubeconfig }: LabCluster): Kubectl {
  const [program = '', ...first] = locateBinaries().kubectl;
  return (words, input = '') =>
    new Promise((resolve, reject) => {
      const all = [...first, '--kubeconfig', kubeconfig, ...words];
      const child = execFile(program, all, { timeout: 60_000 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`kubectl ${words.join(' ')}: ${stderr}`, { cause: error }));
      });
      child.stdin?.end(input);
    });
}

/** Applies objects as a release does, strict about fields: a dry run at the server first, then for real. */
export async function applyStrict(kubectl: Kubectl, objects: readonly ManifestObject[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const words = ['apply', '--server-side', '--validate=strict', '-f', '-'];
  await kubectl([...words, '--dry-run=server'], list);
  await kubectl(words, list);
}
