import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connectFleet, defineFleet, type Fleet, type FleetConnections } from '../../src/fleet/index.js';
import { resources } from '../../src/kube/index.js';
import type { ApiStand } from '../kube/api-stand.js';
import { testFolder } from '../kube/folder.js';
import { kubeconfig } from '../kube/kubeconfigs.js';
import { endWithTest, failureOfCall, startStand } from '../kube/stands.js';

afterEach(() => vi.unstubAllEnvs());

/** A fleet of `bc-a` and `bc-b`, a kubeconfig file each, whose context is `bc-a` or `bc-b`. */
function fleetOf(folder: string): Fleet {
  const cluster = (name: string): { version: string; kubeconfig: string } => ({
    version: '1.34',
    kubeconfig: join(folder, name),
  });
  return defineFleet({ idcs: { bc: { clusters: { 'bc-a': cluster('a'), 'bc-b': cluster('b') } } } });
}
function connect(...given: Parameters<typeof connectFleet>): FleetConnections {
  const connections = connectFleet(...given);
  endWithTest(() => connections.close());
  return connections;
}
async function answering(): Promise<ApiStand> {
  const stand = await startStand();
  stand.always((request) => request.answer({ metadata: { resourceVersion: '1' }, items: [] }));
  return stand;
}
/** A kubeconfig for a stand without TLS. */
const configFor = (stand: ApiStand, more: { readonly name?: string; readonly user?: object } = {}): string =>
  kubeconfig({ server: stand.url, cluster: { 'insecure-skip-tls-verify': true }, ...more });
const list = (connections: FleetConnections, cluster: string): Promise<unknown> =>
  connections.client(cluster).list(resources.pods);

describe('connectFleet', () => {
  it('has a client for each cluster, in the order of the fleet, or for those that are named', () => {
    const fleet = fleetOf('/nowhere');
    expect([...connect(fleet).clients.keys()]).toEqual(['bc-a', 'bc-b']);
    const only = connect(fleet, { only: ['bc-b'] });
    expect([...only.clients.keys()]).toEqual(['bc-b']);
    expect(only.client('bc-b').name).toBe('bc-b');
    expect(() => only.client('bc-a')).toThrow('bc-a is not among the connected clusters: bc-b');
    expect(() => connect(fleet, { only: ['bc-c'] })).toThrow(
      expect.objectContaining({ code: 'FLEET_UNKNOWN_CLUSTER' }),
    );
  });

  it('uses the service account in the cluster whose pod it is, whatever kubeconfig the fleet names', async () => {
    const folder = testFolder();
    const stand = await answering();
    writeFileSync(join(folder, 'b'), configFor(stand, { name: 'bc-b', user: { token: 'b' } }));
    const connections = connect(fleetOf(folder), { inCluster: 'bc-a' });
    await list(connections, 'bc-b');
    const error = await failureOfCall(list(connections, 'bc-a'));
    // Not in a pod, it says so rather than fall back.
    expect(error.message).toBe('cluster bc-a: KUBERNETES_SERVICE_HOST is not set, so this process is not in a pod');
  });

  it('sends each cluster its own token, and nothing of the other', async () => {
    const folder = testFolder();
    const stands = await Promise.all([answering(), answering()]);
    for (const [index, stand] of stands.entries()) {
      const name = index === 0 ? 'a' : 'b';
      writeFileSync(join(folder, name), configFor(stand, { name: `bc-${name}`, user: { token: `token-${index}` } }));
    }
    const connections = connect(fleetOf(folder));
    await Promise.all(['bc-a', 'bc-b', 'bc-a', 'bc-b'].map((cluster) => list(connections, cluster)));
    expect(stands.map(({ received }) => received.map(({ headers }) => headers.authorization))).toEqual([
      ['Bearer token-0', 'Bearer token-0'],
      ['Bearer token-1', 'Bearer token-1'],
    ]);
  });

  it('lets one cluster work while the kubeconfig of another is missing or broken, and takes it up when it is mended', async () => {
    const folder = testFolder();
    const stand = await answering();
    writeFileSync(join(folder, 'a'), configFor(stand));
    const connections = connect(fleetOf(folder));
    for (const text of [undefined, '{', kubeconfig({ name: 'bc-b', context: { user: 'nobody' } })]) {
      if (text !== undefined) writeFileSync(join(folder, 'b'), text);
      const [good, bad] = await Promise.all([list(connections, 'bc-a'), failureOfCall(list(connections, 'bc-b'))]);
      expect(good).toMatchObject({ items: [] });
      expect(bad).toMatchObject({ code: 'KUBE_CREDENTIALS', path: 'bc-b' });
      rmSync(join(folder, 'b'), { force: true });
    }
    writeFileSync(join(folder, 'b'), configFor(stand, { name: 'bc-b' }));
    expect(await list(connections, 'bc-b')).toMatchObject({ items: [] });
  });

  it('takes the context that the fleet names, else the one of the name of the cluster', async () => {
    const folder = testFolder();
    const stand = await answering();
    const file = join(folder, 'shared');
    writeFileSync(file, configFor(stand));
    const shared = { version: '1.34', kubeconfig: file };
    const fleet = defineFleet({
      idcs: { bc: { clusters: { 'bc-a': shared, 'bc-x': { ...shared, context: 'bc-a' }, 'bc-y': shared } } },
    });
    const connections = connect(fleet);
    await list(connections, 'bc-a');
    await list(connections, 'bc-x');
    expect(await failureOfCall(list(connections, 'bc-y'))).toMatchObject({
      message: `cluster bc-y: ${file} has no context "bc-y"; it has bc-a, bc-b`,
    });
  });

  it.each(['KUBECONFIG', 'HOME'])('finds a kubeconfig that the fleet does not name by %s', async (variable) => {
    const folder = testFolder();
    const stand = await answering();
    vi.stubEnv('KUBECONFIG', undefined);
    vi.stubEnv('HOME', folder);
    const file = variable === 'HOME' ? join(folder, '.kube', 'config') : join(folder, 'mine');
    if (variable === 'KUBECONFIG') vi.stubEnv('KUBECONFIG', file);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, configFor(stand));
    const fleet = defineFleet({ idcs: { bc: { clusters: { 'bc-a': { version: '1.34' } } } } });
    await list(connect(fleet), 'bc-a');
    expect(stand.received).toHaveLength(1);
  });

  it('reads and opens nothing before the first call, and ends every client when it is closed', async () => {
    const folder = testFolder();
    const stand = await answering();
    const connections = connect(fleetOf(folder));
    writeFileSync(join(folder, 'a'), configFor(stand));
    expect(stand.open).toBe(0);
    await list(connections, 'bc-a');
    await connections.close();
    await expect.poll(() => stand.open).toBe(0);
    expect((await failureOfCall(list(connections, 'bc-a'))).code).toBe('KUBE_ABORTED');
  });
});
