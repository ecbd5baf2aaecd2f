import type { KeyPair } from './certificates.js';

/** How a client proves who it is. */
export type KubeconfigUser = { readonly pair: KeyPair } | { readonly token: string };

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig as JSON text, which is valid YAML, with one context named after the cluster and everything embedded. */
export function kubeconfigText(
  cluster: { readonly name: string; readonly url: string; readonly authority: string },
  user: KubeconfigUser,
): string {
  const { name } = cluster;
  const userName = `${name}-admin`;
  const proof =
    'token' in user
      ? { token: user.token }
      : { 'client-certificate-data': base64(user.pair.certificate), 'client-key-data': base64(user.pair.key) };
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server: cluster.url, 'certificate-authority-data': base64(cluster.authority) } }],
      users: [{ name: userName, user: proof }],
      contexts: [{ name, context: { cluster: name, user: userName } }],
      'current-context': name,
    },
    undefined,
    2,
  );
}
