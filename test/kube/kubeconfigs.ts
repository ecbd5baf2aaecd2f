import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from './folder.js';

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig with two contexts; the parts that a test is about are its own. */
export function kubeconfig({
  name = 'bc-a',
  server = 'https://10.0.0.1:6443',
  cluster = {},
  user = { token: 'token-a' },
  context = {},
}: {
  /** Of the first context, the current one. */
  readonly name?: string;
  readonly server?: string;
  readonly cluster?: object;
  readonly user?: object | null;
  readonly context?: object;
} = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [
      { name, context: { cluster: 'cluster-a', user: 'user-a', ...context } },
      { name: name === 'bc-b' ? 'bc-a' : 'bc-b', context: { cluster: 'cluster-b', user: 'user-b' } },
    ],
    clusters: [
      { name: 'cluster-a', cluster: { server, ...cluster } },
      { name: 'cluster-b', cluster: { server: 'https://10.0.0.2:6443' } },
    ],
    users: [
      { name: 'user-a', user },
      { name: 'user-b', user: { token: 'token-b' } },
    ],
  });
}

/** A kubeconfig in a folder of its own. */
export function kubeconfigFile(text: string): string {
  const file = join(testFolder(), 'bc-a.kubeconfig');
  writeFileSync(file, text);
  return file;
}
