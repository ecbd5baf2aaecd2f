import { afterAll, beforeAll, expect, it } from 'vitest';
import { youzanConventions } from '../../../src/conventions/index.js';
import { createKubeClient, credentialsFromKubeconfig, type KubeClient } from '../../../src/kube/index.js';
import { listReleases, planRelease, type ReleaseTarget } from '../../../src/release/index.js';
import { beginStored, endStored, pruneStored } from '../../../src/release/store/index.js';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../../src/testing/index.js';
import { app, bundle, namespace } from '../bundle.js';

let cluster: EmbeddedCluster;
let client: KubeClient;
beforeAll(async () => {
  cluster = await startEmbeddedCluster({ name: 'bc-a' });
  client = createKubeClient({
    name: 'bc-a',
    credentials: credentialsFromKubeconfig({ cluster: 'bc-a', text: cluster.kubeconfig }),
  });
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
});

const conventions = youzanConventions;
const policy = { progressDeadlineMs: 1000, publishDeadlineMs: 1000 };
const target = (version: string): ReleaseTarget =>
  planRelease({ app, version, bundles: [bundle('bc-a', version)], policy }).targets[0]!;
const list = () => listReleases({ client, namespace, app });
const start = async (version: string) =>
  beginStored({ client, app, version, target: target(version), former: await list(), conventions, signal: undefined });

it('takes up a release of the same bundle that never ended, and no other', async () => {
  const first = await start('1.0.0');
  expect(await start('1.0.0')).toEqual(first);
  expect((await start('1.0.1')).revision).toBe(first.revision + 1);
  await endStored(
    client,
    { namespace, name: first.name },
    { status: 'failed', message: 'why' },
    conventions,
    undefined,
  );
  expect((await list()).at(-1)).toMatchObject({ version: '1.0.0', status: 'failed', message: 'why' });
});

it('lets only one of two releases that begin at once go on', async () => {
  const former = await list();
  const begin = (version: string) =>
    beginStored({ client, app, version, target: target(version), former, conventions, signal: undefined });
  const results = await Promise.allSettled([begin('1.1.0'), begin('1.1.1')]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

it('keeps the newest ten, and the newest success however old', async () => {
  const kept = await start('2.0.0');
  await endStored(client, { namespace, name: kept.name }, { status: 'succeeded' }, conventions, undefined);
  for (let patch = 1; patch <= 12; patch += 1) await start(`2.0.${patch}`);
  await pruneStored(client, namespace, await list(), undefined);
  const left = (await list()).map(({ version }) => version);
  expect(left).toHaveLength(11);
  expect(left.at(0)).toBe('2.0.12');
  expect(left.at(-1)).toBe('2.0.0');
});

it('does not mix two workloads of one app', async () => {
  const gray = { ...target('3.0.0'), deployment: `${app}-gray` };
  const of = { client, namespace, app, deployment: `${app}-gray` };
  const { revision } = await beginStored({
    client,
    app,
    version: '3.0.0',
    target: gray,
    former: await listReleases(of),
    conventions,
    signal: undefined,
  });
  expect(revision).toBe(1);
  expect(await listReleases(of)).toHaveLength(1);
});
