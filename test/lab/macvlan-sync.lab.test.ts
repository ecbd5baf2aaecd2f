// The seed's way of the data on its own kind of network: pod addresses that the gateway reaches without NAT, published by
// a syncer of each cluster, whether macvlan is the pods' only network or their second one.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthApp, type YouzanAppProps } from '../../constructs/index.js';
import { parseAppYaml } from '../../src/app-yaml/index.js';
import { createYz7Gateway, type Gateway } from '../../src/gateways/index.js';
import { createK8sSync, type K8sSync } from '../../src/k8s-sync/index.js';
import { type KubeClient, resources } from '../../src/kube/index.js';
import { networkAddresses } from '../../src/members/index.js';
import { awaitPublished } from '../../src/publish/index.js';
import { scale } from '../../src/release/index.js';
import { type EmbeddedYz7, startEmbeddedYz7 } from '../../src/testing/index.js';
import { send } from '../testing/yz7/traffic.js';
import { references } from './images/lab-images.js';
import { clientOf, readyPods } from './node/pods.js';
import { useLab } from './use-lab.js';

const namespace = 'default';
const idc = 'bc';
const file = new URL('../../examples/demo/app.yaml', import.meta.url);
const spec = parseAppYaml(readFileSync(file, 'utf8'), { file: 'examples/demo/app.yaml' });
const app = spec.name;
const ends: (() => Promise<unknown>)[] = [];

async function deploy(client: KubeClient, cluster: string, more: Pick<YouzanAppProps, 'macvlan'> = {}): Promise<void> {
  const [service, deployment] = synthApp({
    spec,
    image: references.node,
    version: '1.0.0',
    idc,
    cluster,
    env: 'prod',
    namespace,
    publishDeadlineSeconds: 1,
    disruptionBudget: false,
    ...more,
  }).objects;
  const release = { fieldManager: 'youzan-kube-release' };
  await client.apply(resources.services, service!, release);
  await client.apply(resources.deployments, deployment!, release);
  await scale({ client, namespace, name: app, replicas: 2 });
}

describe('k8s-sync on a flat network', () => {
  let yz7: EmbeddedYz7;
  let gateway: Gateway;

  beforeAll(async () => {
    yz7 = await startEmbeddedYz7({ name: 'bc-1', idc });
    gateway = createYz7Gateway({ name: 'bc-1', idc, url: yz7.adminUrl, token: yz7.token });
    ends.push(
      () => yz7.stop(),
      () => gateway.close(),
    );
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  function sync(cluster: KubeClient): K8sSync {
    const syncer = createK8sSync({ cluster, idc, gateways: [gateway] });
    ends.push(() => syncer.stop());
    return syncer;
  }

  /** Deploys, syncs and waits until the barrier holds; gives the pods and what the gateway has of the cluster. */
  async function publish(cluster: Parameters<typeof clientOf>[0] & { readonly name: string }, more = {}) {
    const client = clientOf(cluster);
    ends.push(
      () => client.close(),
      () => client.delete(resources.services, { namespace, name: app }),
      () => client.delete(resources.deployments, { namespace, name: app }, { propagationPolicy: 'Background' }),
    );
    await deploy(client, cluster.name, more);
    const pods = await readyPods(client, namespace, `youzan.com/app=${app}`, 2);
    await sync(client).start();
    const scope = { client, gateways: [gateway], idc, cluster: cluster.name, namespace, app };
    const { servers: published } = await awaitPublished({ ...scope, deadlineMs: 20_000 });
    const content = await gateway.readSource(`${app}.http`, `k8s.${idc}.${cluster.name}`);
    const servers = (content?.servers ?? []).map(({ ip }) => ip).sort();
    expect(published.map(({ ip }) => ip).sort()).toEqual(servers);
    return { pods, servers };
  }

  it('publishes the pods of two clusters by their own addresses, and all of them answer through the gateway', async () => {
    const clusters = await useLab({ 'bc-a': { idc, nodes: 2 }, 'bc-b': { idc, nodes: 2 } });
    const uids = new Set<string>();
    for (const cluster of [clusters['bc-a'], clusters['bc-b']]) {
      const { pods, servers } = await publish(cluster);
      expect(servers).toEqual(pods.map(({ status }) => status.podIP).sort());
      for (const { metadata } of pods) uids.add(metadata.uid ?? '');
    }
    expect(uids.size).toBe(4);
    const answered = new Set<string>();
    for (let request = 0; request < 40; request += 1) {
      // Its default host is this app's upstream.
      const { status, headers } = await send(yz7.dataUrl);
      expect(status).toBe(200);
      answered.add(String(headers['x-pod-uid']));
    }
    expect(answered).toEqual(uids);
  }, 120_000);

  it('publishes the macvlan address of network-status where macvlan is the second network', async () => {
    const { 'second-network': cluster } = await useLab({ 'second-network': { idc, nodes: 2, secondNetwork: true } });
    const { pods, servers } = await publish(cluster, { macvlan: { network: 'macvlan', as: 'second' } });
    const seconds = pods.map(({ metadata }) => networkAddresses(metadata.annotations)['default.macvlan']);
    expect(servers).toEqual(seconds.sort());
    for (const { status } of pods) expect(servers).not.toContain(status.podIP);
    for (const ip of servers) {
      const answer = await fetch(`http://${ip}:8030/`, { signal: AbortSignal.timeout(5_000) });
      expect(answer.status).toBe(200);
    }
  }, 600_000);
});
