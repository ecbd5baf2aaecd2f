import { readFileSync } from 'node:fs';
import { createKubeClient, credentialsFromKubeconfig, type KubeClient } from '../../../src/kube/index.js';
import { kubeconfigText } from '../../../src/testing/cluster/kubeconfig.js';
import type { LabCluster } from '../cluster/lab-cluster.js';

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly 'certificate-authority-data': string } }];
  readonly users: readonly [
    { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } },
  ];
}

const decoded = (text: string): string => Buffer.from(text, 'base64').toString();

/** The authority that signed a cluster's API server, and its administrator's own certificate, as PEM. */
export function pemOf({ kubeconfig }: LabCluster): {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
} {
  const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
  const { user } = users[0];
  return {
    authority: decoded(clusters[0].cluster['certificate-authority-data']),
    certificate: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  };
}

/** A kubeconfig whose user has a token and nothing else. */
export function tokenKubeconfig(cluster: LabCluster, token: string): string {
  const { authority } = pemOf(cluster);
  return kubeconfigText({ name: cluster.name, url: cluster.url, authority }, { token });
}

/** A client that is let in by a token alone. */
export function tokenClient(cluster: LabCluster, token: string): KubeClient {
  const { name } = cluster;
  const text = tokenKubeconfig(cluster, token);
  return createKubeClient({ name, credentials: credentialsFromKubeconfig({ cluster: name, text }) });
}
