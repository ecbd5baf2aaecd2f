import { App, Chart } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { PlatformAccess, type PlatformAccessProps } from '../../../constructs/index.js';
import { accessRules } from '../../../src/conventions/index.js';

interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string };
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
  roleRef?: { kind: string; name: string };
  subjects?: unknown[];
}

function synth(props: PlatformAccessProps): Manifest[] {
  const chart = new Chart(new App(), 'bc-a');
  new PlatformAccess(chart, 'access', props);
  return chart.toJson() as Manifest[];
}
const places = (manifests: Manifest[]): string[] =>
  manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? '-'}/${metadata.name}`).sort();

describe('PlatformAccess', () => {
  it('gives a syncer its Lease in its own namespace, and sight of the apps of all', () => {
    const manifests = synth({ role: 'k8s-sync', namespace: 'youzan-system' });
    expect(places(manifests)).toEqual([
      'ClusterRole -/youzan-k8s-sync',
      'ClusterRoleBinding -/youzan-k8s-sync',
      'Role youzan-system/youzan-k8s-sync-own',
      'RoleBinding youzan-system/youzan-k8s-sync-own',
      'ServiceAccount youzan-system/youzan-k8s-sync',
    ]);
  });

  it('gives a release what it needs in the named namespaces and nowhere else', () => {
    const manifests = synth({ role: 'release', namespace: 'youzan-system', appNamespaces: ['trade', 'shop'] });
    expect(places(manifests)).toEqual([
      'Role shop/youzan-release',
      'Role trade/youzan-release',
      'RoleBinding shop/youzan-release',
      'RoleBinding trade/youzan-release',
      'ServiceAccount youzan-system/youzan-release',
    ]);
  });

  it.each(['k8s-sync', 'release'] as const)('writes every rule of the table for %s and no other', (role) => {
    const rules = synth({ role, namespace: 'youzan-system' }).flatMap((manifest) => manifest.rules ?? []);
    const { own, apps, cluster } = accessRules[role];
    expect(rules).toEqual(
      [...own, ...apps, ...cluster].map(({ group, resource, verbs }) => ({
        apiGroups: [group],
        resources: [resource],
        verbs,
      })),
    );
  });

  it('binds each role to the account', () => {
    for (const { kind, roleRef, subjects, metadata } of synth({ role: 'k8s-sync', namespace: 'youzan-system' })) {
      if (roleRef === undefined) continue;
      expect(roleRef).toMatchObject({ kind: kind.replace('Binding', ''), name: metadata.name });
      expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'youzan-k8s-sync', namespace: 'youzan-system' }]);
    }
  });
});
