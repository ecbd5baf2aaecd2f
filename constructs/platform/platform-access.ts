import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { accessRules, type AccessRole, type AccessRule, youzanConventions } from '../../src/conventions/index.js';

export interface PlatformAccessProps {
  /** The part of this library that runs with it. */
  readonly role: AccessRole;
  /** Where the part runs: its ServiceAccount, and the syncer's Lease. */
  readonly namespace: string;
  /** Namespaces whose apps it may see. Default: all, by a ClusterRole. */
  readonly appNamespaces?: readonly string[];
  /** Name of the ServiceAccount and of all the rest. Default: `youzan-{role}`. */
  readonly name?: string;
}

/**
 * The ServiceAccount with which a syncer or a release runs in a cluster, and the least that it must be allowed
 * (`accessRules`): a Role in its own namespace, and for the apps one ClusterRole or a Role in each namespace.
 *
 * @example
 * new PlatformAccess(chart, 'syncer', { role: 'k8s-sync', namespace: 'youzan-system' });
 */
export class PlatformAccess extends Construct {
  /** Name of the ServiceAccount. */
  readonly serviceAccount: string;

  constructor(scope: Construct, id: string, props: PlatformAccessProps) {
    super(scope, id);
    const { role, namespace, appNamespaces, name = `youzan-${role}` } = props;
    const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/managed-by': youzanConventions.managedBy };
    const access = accessRules[role];
    const subjects = [{ kind: 'ServiceAccount', name, namespace }];
    this.serviceAccount = name;
    new k8s.KubeServiceAccount(this, 'account', { metadata: { name, namespace, labels } });

    const addRole = (part: string, where: string, rules: readonly AccessRule[]): void => {
      const metadata = { name: part === 'own' ? `${name}-own` : name, namespace: where, labels };
      new k8s.KubeRole(this, `${part}-role`, { metadata, rules: rules.map(policyRule) });
      new k8s.KubeRoleBinding(this, `${part}-binding`, { metadata, subjects, roleRef: roleRef('Role', metadata.name) });
    };
    if (access.own.length > 0) addRole('own', namespace, access.own);
    for (const where of appNamespaces ?? []) addRole(`apps-${where}`, where, access.apps);
    if (appNamespaces !== undefined) return;
    const metadata = { name, labels };
    new k8s.KubeClusterRole(this, 'apps-role', {
      metadata,
      rules: [...access.apps, ...access.cluster].map(policyRule),
    });
    new k8s.KubeClusterRoleBinding(this, 'apps-binding', { metadata, subjects, roleRef: roleRef('ClusterRole', name) });
  }
}

const policyRule = ({ group, resource, verbs }: AccessRule): k8s.PolicyRule => ({
  apiGroups: [group],
  resources: [resource],
  verbs: [...verbs],
});

const roleRef = (kind: string, name: string): k8s.RoleRef => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });
