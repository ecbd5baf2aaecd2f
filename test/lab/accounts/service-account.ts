// Service accounts of a real cluster, and tokens that its API server has made, or would never make.
import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KubeClient, KubeObject, ResourceType } from '../../../src/kube/index.js';
import type { LabCluster } from '../cluster/lab-cluster.js';

const core = (plural: string, kind: string): ResourceType => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced: true,
});

export const serviceAccounts = core('serviceaccounts', 'ServiceAccount');

const selfSubjectReviews: ResourceType = {
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'selfsubjectreviews',
  kind: 'SelfSubjectReview',
  namespaced: false,
};

export interface AccountRef {
  readonly namespace: string;
  readonly name: string;
}

export async function makeServiceAccount(client: KubeClient, { namespace, name }: AccountRef): Promise<void> {
  await client.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } });
}

/** A token by the TokenRequest API, good for ten minutes. */
export async function tokenOf(client: KubeClient, { namespace, name }: AccountRef): Promise<string> {
  const type = core(`serviceaccounts/${name}/token`, 'TokenRequest');
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { namespace, name },
    spec: { expirationSeconds: 600 },
  };
  const { status } = await client.create<KubeObject & { readonly status?: { readonly token: string } }>(type, request);
  if (status === undefined) throw new Error(`no token for ${namespace}/${name}`);
  return status.token;
}

interface Identity {
  readonly user: string;
  /** The token's own id; empty for a certificate. */
  readonly tokenId: string;
}

interface ReviewStatus {
  readonly userInfo: { readonly username: string; readonly extra?: Readonly<Record<string, readonly string[]>> };
}

/** Whom the API server takes a client for. */
export async function whoAmI(client: KubeClient): Promise<Identity> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: { name: 'who-am-i' } };
  const { status } = await client.create<KubeObject & { readonly status?: ReviewStatus }>(selfSubjectReviews, review);
  if (status === undefined) throw new Error('the review has no status');
  const [credential = ''] = status.userInfo.extra?.['authentication.kubernetes.io/credential-id'] ?? [];
  return { user: status.userInfo.username, tokenId: credential.replace(/^JTI=/, '') };
}

type Claims = Readonly<Record<string, unknown>>;

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What a token says. */
export function claimsOf(token: string): Claims {
  const [, payload = ''] = token.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims;
}

/** A token with other claims, signed with the cluster's own key as the API server would. */
export function resigned({ kubeconfig }: LabCluster, token: string, change: (claims: Claims) => Claims): string {
  const [header = ''] = token.split('.');
  const content = `${header}.${encoded(change(claimsOf(token)))}`;
  const key = readFileSync(join(dirname(kubeconfig), 'sa.key'), 'utf8');
  return `${content}.${sign('RSA-SHA256', Buffer.from(content), key).toString('base64url')}`;
}
