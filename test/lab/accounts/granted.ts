// Clients that may do what `PlatformAccess` grants, and nothing else.
import { App, Chart } from 'cdk8s';
import { PlatformAccess } from '../../../constructs/index.js';
import { accessRules, type AccessRole, type AccessRule } from '../../../src/conventions/index.js';
import type { KubeClient, KubeObject, ResourceType } from '../../../src/kube/index.js';
import type { LabCluster } from '../cluster/lab-cluster.js';
import { waitFor } from '../processes/wait.js';
import { serviceAccounts, tokenOf } from './service-account.js';
import { tokenClient } from './token-client.js';

const rbac = (plural: string, kind: string): ResourceType => ({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural,
  kind,
  namespaced: !kind.startsWith('Cluster'),
});
const types: readonly ResourceType[] = [
  serviceAccounts,
  rbac('roles', 'Role'),
  rbac('rolebindings', 'RoleBinding'),
  rbac('clusterroles', 'ClusterRole'),
  rbac('clusterrolebindings', 'ClusterRoleBinding'),
];

/** One verb on one resource. */
export interface Permission {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}

const permissionsIn = (rules: readonly AccessRule[]): Permission[] =>
  rules.flatMap(({ group, resource, verbs }) => verbs.map((verb) => ({ group, resource, verb })));

/** All that a role is granted. */
export function permissionsOf(role: AccessRole): readonly Permission[] {
  const { own, apps } = accessRules[role];
  return [...permissionsIn(own), ...permissionsIn(apps)];
}

/** What a real API server says to who lacks it. */
export const refusalOf = ({ group, resource, verb }: Permission): string =>
  `cannot ${verb} resource "${resource}" in API group "${group}"`;

interface Role extends KubeObject {
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

export interface GrantSpec {
  readonly role: AccessRole;
  /** Name of the account and its roles. */
  readonly name: string;
  /** Of the account, and of the syncer's Lease. */
  readonly namespace: string;
  /** Default: all. */
  readonly appNamespaces?: readonly string[];
  /** Left out of what `PlatformAccess` grants. */
  readonly without?: Permission | undefined;
}

/** Applies a `PlatformAccess` to the cluster, and connects as its ServiceAccount. */
export async function grantedClient(cluster: LabCluster, admin: KubeClient, spec: GrantSpec): Promise<KubeClient> {
  const { role, name, namespace, appNamespaces, without } = spec;
  const chart = new Chart(new App(), 'access');
  new PlatformAccess(chart, 'access', { role, name, namespace, ...(appNamespaces && { appNamespaces }) });
  for (const object of chart.toJson() as Role[]) {
    const type = types.find(({ kind }) => kind === object.kind);
    if (type === undefined) throw new Error(`no type for ${object.kind}`);
    const rules = object.rules?.map((rule) => reduced(rule, without)).filter(({ verbs }) => verbs.length > 0);
    await admin.apply(type, rules === undefined ? object : { ...object, rules }, { fieldManager: 'lab' });
  }
  const client = tokenClient(cluster, await tokenOf(admin, { namespace, name }));
  const { own, apps } = accessRules[role];
  const where = appNamespaces?.[0];
  for (const permission of permissionsIn(own)) await untilGranted(client, permission, namespace, without);
  for (const permission of permissionsIn(apps)) await untilGranted(client, permission, where, without);
  return client;
}

function reduced(rule: NonNullable<Role['rules']>[number], without: Permission | undefined): typeof rule {
  const isMeant =
    without !== undefined && rule.apiGroups[0] === without.group && rule.resources[0] === without.resource;
  return isMeant ? { ...rule, verbs: rule.verbs.filter((verb) => verb !== without.verb) } : rule;
}

const isSame = (one: Permission, other: Permission | undefined): boolean =>
  one.group === other?.group && one.resource === other.resource && one.verb === other.verb;

interface Review extends KubeObject {
  readonly status?: { readonly allowed: boolean };
}

/** The server learns of new roles a little later. */
async function untilGranted(
  client: KubeClient,
  permission: Permission,
  namespace: string | undefined,
  without: Permission | undefined,
): Promise<void> {
  const { group, resource, verb } = permission;
  const [plural = '', subresource] = resource.split('/');
  const type = {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
    namespaced: false,
  };
  const expected = !isSame(permission, without);
  const look = async (): Promise<boolean> => {
    const { status } = await client.create<Review>(type, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      // It is refused with a name.
      metadata: { name: '' },
      spec: { resourceAttributes: { group, resource: plural, subresource, verb, namespace } },
    });
    return status?.allowed === expected;
  };
  await waitFor(`${verb} ${resource} is ${expected ? '' : 'not '}allowed`, look, { deadlineMs: 10_000 });
}
