// A syncer and a release with exactly the permissions that `PlatformAccess` grants; and with each of them taken away, one
// at a time, what is said names the one that is missing.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KubeClient } from '../../src/kube/index.js';
import { grantedClient, type Permission, permissionsOf, refusalOf } from './accounts/granted.js';
import { definitions, verticalAutoscalers } from './by-hand/definitions.js';
import { extraObjects, syncAll, whatReleaseSays, whatSyncSays } from './by-hand/access-scenarios.js';
import { ReleaseWorld } from './by-hand/release-world.js';
import { startSyncWorld, type SyncWorld } from './by-hand/sync-world.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { clientOf } from './node/pods.js';
import { useLab } from './use-lab.js';

const wait = { timeout: 30_000, interval: 50 };
const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-access-'));
const auditLog = join(folder, 'audit.log');

/** Only what service accounts of ours ask for. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', userGroups: ['system:serviceaccounts:kube-system', 'system:masters', 'system:nodes'] },
    { level: 'Metadata', userGroups: ['system:serviceaccounts'] },
  ],
};

interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly requestURI: string;
  readonly responseStatus?: { readonly code: number };
}

/** What the API server refused to an account, of all that it has asked for. */
function refusedTo(namespace: string, name: string): string[] {
  const asked = readFileSync(auditLog, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ user }) => user.username === `system:serviceaccount:${namespace}:${name}`);
  if (asked.length === 0) throw new Error(`${namespace}/${name} has asked for nothing`);
  return asked.flatMap(({ verb, requestURI, responseStatus }) =>
    responseStatus?.code === 403 ? [`${verb} ${requestURI}`] : [],
  );
}

const nameOf = ({ verb, resource }: Permission): string => `${verb} ${resource}`;

describe('least privilege on a real cluster', () => {
  let cluster: LabCluster;
  let admin: KubeClient;
  const clients: KubeClient[] = [];
  let spaces = 0;

  const granted = async (spec: Parameters<typeof grantedClient>[2]): Promise<KubeClient> => {
    const client = await grantedClient(cluster, admin, spec);
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    const policyFile = join(folder, 'policy.json');
    writeFileSync(policyFile, JSON.stringify(auditPolicy));
    const apiServerFlags = [
      `--audit-policy-file=${policyFile}`,
      `--audit-log-path=${auditLog}`,
      '--audit-log-mode=blocking',
    ];
    ({ access: cluster } = await useLab({ access: { idc: 'bc', nodes: 1, apiServerFlags } }));
    admin = clientOf(cluster);
    await admin.create(definitions, verticalAutoscalers);
  });
  afterAll(async () => {
    await admin.close();
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });

  describe('the syncer', () => {
    let world: SyncWorld;
    let namespace: string;

    beforeEach(async () => {
      namespace = `access-sync-${(spaces += 1)}`;
      world = await startSyncWorld(cluster, admin, namespace);
    });
    afterEach(() => world.end());

    // It comes first: it sees the apps of the other tests, too.
    it('does all that it is for with what is granted in all namespaces, and is refused nothing', async () => {
      const client = await granted({ role: 'k8s-sync', name: 'syncer', namespace });
      await syncAll(world, admin, { cluster: client, allNamespaces: true });
      expect(refusedTo(namespace, 'syncer')).toEqual([]);
    });

    it('does all that it is for with what is granted in the one namespace whose apps it carries', async () => {
      const client = await granted({ role: 'k8s-sync', name: 'syncer', namespace, appNamespaces: [namespace] });
      await syncAll(world, admin, { cluster: client });
      expect(refusedTo(namespace, 'syncer')).toEqual([]);
    });

    const cases = permissionsOf('k8s-sync').map((permission) => [nameOf(permission), permission] as const);
    const lacking = async (_: string, permission: Permission): Promise<void> => {
      const client = await granted({ role: 'k8s-sync', name: 'syncer', namespace, without: permission });
      const words = refusalOf(permission);
      expect(await whatSyncSays(world, admin, client, permission, words)).toContain(words);
    };
    it.each(cases)('says what it lacks without: %s', lacking);
  });

  describe('the release', () => {
    let world: ReleaseWorld;

    beforeEach(async () => {
      world = await ReleaseWorld.start(cluster, admin, `access-release-${(spaces += 1)}`);
    });
    afterEach(() => world.end());

    it('and the syncer bring a version to the gateway with all that is granted, and are refused nothing', async () => {
      const { namespace } = world;
      const appNamespaces = [namespace];
      const syncer = await granted({ role: 'k8s-sync', name: 'syncer', namespace, appNamespaces });
      const releaser = await granted({ role: 'release', name: 'releaser', namespace, appNamespaces });
      await world.startSync(syncer);
      for (const more of [extraObjects(namespace), []]) {
        const { clusters } = await world.release(releaser, `1.${more.length}.0`, { replicas: 1, more });
        expect(clusters.map(({ outcome }) => outcome)).toEqual(['succeeded']);
      }
      await vi.waitFor(async () => expect(await world.servers()).toHaveLength(1), wait);
      expect([refusedTo(namespace, 'syncer'), refusedTo(namespace, 'releaser')]).toEqual([[], []]);
    });

    it.each(permissionsOf('release').map((permission) => [nameOf(permission), permission] as const))(
      'says what it lacks without: %s',
      async (_, permission) => {
        const { namespace } = world;
        const spec = { role: 'release', name: 'releaser', namespace, appNamespaces: [namespace] } as const;
        const client = await granted({ ...spec, without: permission });
        expect(await whatReleaseSays(world, admin, client, permission)).toContain(refusalOf(permission));
      },
    );
  });
});
