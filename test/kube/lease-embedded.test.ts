import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from 'youzan-kube/testing';
import {
  createKubeClient,
  createLeaseElector,
  credentialsFromKubeconfig,
  type KubeClient,
  type LeaseElector,
  resources,
} from '../../src/kube/index.js';

const ref = { namespace: 'default', name: 'k8s-sync' };
let cluster: EmbeddedCluster;
let client: KubeClient;
const electors: LeaseElector[] = [];

beforeAll(async () => {
  cluster = await startEmbeddedCluster({ name: 'test-lease' });
  client = createKubeClient({
    name: 'bc-a',
    credentials: credentialsFromKubeconfig({ cluster: 'bc-a', text: cluster.kubeconfig }),
  });
});
afterEach(async () => {
  await Promise.all(electors.splice(0).map((elector) => elector.stop()));
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
});

function start(identity: string, epochs: number[]): LeaseElector {
  const elector = createLeaseElector({
    client,
    ...ref,
    identity,
    timings: { retryPeriodMs: 500 },
    onStartedLeading: (epoch) => epochs.push(epoch),
    onStoppedLeading: () => undefined,
  });
  electors.push(elector);
  elector.start();
  return elector;
}

describe('two electors on a Lease of an API server', () => {
  it('lead one after the other, and leave what they are to leave in it', async () => {
    const epochs: number[] = [];
    const a = start('a', epochs);
    await expect.poll(() => epochs, { timeout: 10_000 }).toEqual([1]);
    const b = start('b', epochs);
    await a.stop();
    await expect.poll(() => epochs, { timeout: 10_000 }).toEqual([1, 2]);
    expect([a.isLeader, b.isLeader]).toEqual([false, true]);
    expect(await client.get(resources.leases, ref)).toMatchObject({
      metadata: { annotations: { 'youzan-kube.youzan.com/epoch': '2' } },
      spec: {
        holderIdentity: 'b',
        leaseDurationSeconds: 15,
        leaseTransitions: 1,
        renewTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
      },
    });
    await b.stop();
    expect(await client.get(resources.leases, ref)).toMatchObject({
      metadata: { annotations: { 'youzan-kube.youzan.com/epoch': '2' } },
      spec: { holderIdentity: '' },
    });
  });
});
