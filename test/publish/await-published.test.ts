import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sourceName } from '../../src/conventions/index.js';
import { createYz7Gateway, type Gateway } from '../../src/gateways/index.js';
import {
  createKubeClient,
  credentialsFromKubeconfig,
  type KubeClient,
  type KubeObject,
  resources,
} from '../../src/kube/index.js';
import type { Server } from '../../src/members/index.js';
import {
  awaitPublished,
  type AwaitPublishedOptions,
  observePublished,
  type Published,
} from '../../src/publish/index.js';
import {
  type EmbeddedCluster,
  type EmbeddedYz7,
  type PodInfo,
  startEmbeddedCluster,
  startEmbeddedYz7,
} from '../../src/testing/index.js';

const app = 'web';
const namespace = 'default';
const source = sourceName('bc', 'bc-a');
const labels = { 'youzan.com/app': app, 'youzan.com/color': 'stable' };
let cluster: EmbeddedCluster;
let client: KubeClient;
let instances: EmbeddedYz7[];
let gateways: Gateway[];
let generation = 1;

const deployment = (replicas: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: app, namespace, labels },
  spec: {
    replicas,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'app',
            image: 'web',
            command: ['/bin/sh', '-c', 'exec sleep 1000'],
            ports: [{ name: 'http', containerPort: 8030 }],
          },
        ],
      },
    },
  },
});
const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: app, namespace, labels },
  spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
};
const scaleTo = async (replicas: number): Promise<readonly PodInfo[]> => {
  await client.apply(resources.deployments, deployment(replicas), { fieldManager: 'test' });
  const ready = (): PodInfo[] => cluster.pods().filter((pod) => pod.ready);
  await expect.poll(() => [cluster.pods().length, ready().length], { timeout: 10_000 }).toEqual([replicas, replicas]);
  return ready();
};

beforeAll(async () => {
  cluster = await startEmbeddedCluster({ name: 'bc-a' });
  client = createKubeClient({
    name: 'bc-a',
    credentials: credentialsFromKubeconfig({ cluster: 'bc-a', text: cluster.kubeconfig }),
  });
  instances = await Promise.all(['bc-1', 'bd-1'].map((name) => startEmbeddedYz7({ name, idc: name.slice(0, 2) })));
  gateways = instances.map(({ name, idc, adminUrl: url, token }) => createYz7Gateway({ name, idc, url, token }));
  await Promise.all(gateways.map((gateway) => gateway.claim(source, { generation: '1', writer: 'test' })));
  await client.create(resources.services, service);
});
afterEach(async () => {
  cluster.faults.heal();
  await Promise.all(instances.map(({ faults }) => faults.clear()));
});
afterAll(async () => {
  await Promise.all([client.close(), ...gateways.map((gateway) => gateway.close())]);
  await Promise.all([cluster.stop(), ...instances.map((instance) => instance.stop())]);
});

const serverOfPod = ({ ip, uid }: PodInfo): Server => ({
  ip,
  port: 8030,
  weight: 100,
  state: 'up',
  uid,
  zone: 'bc-a',
  labels: { color: 'stable' },
});
async function write(gateway: Gateway, pods: readonly PodInfo[]): Promise<void> {
  generation += 1;
  const force = { reason: 'test', actor: 'test' };
  await gateway.putSource({
    upstream: 'web.http',
    source,
    generation: String(generation),
    servers: pods.map(serverOfPod),
    force,
  });
}
const where = () => ({ client, gateways, idc: 'bc', cluster: 'bc-a', namespace, app });
const wait = (change: Partial<AwaitPublishedOptions> = {}): Promise<Published> =>
  awaitPublished({ ...where(), deadlineMs: 10_000, ...change });

describe('awaitPublished', () => {
  it('waits for the last worker of the last instance, and tells what it waits for', async () => {
    const pods = await scaleTo(2);
    await write(gateways[0]!, pods);
    instances[1]!.faults.lag('worker-2', 'stuck');
    await write(gateways[1]!, pods);
    const seen: string[] = [];
    const published = await wait({
      onProgress: ({ reasons }) => {
        seen.push(...reasons);
        if (reasons.some((reason) => /at bd-1: worker-2 do not have it yet/.test(reason)))
          instances[1]!.faults.lag('worker-2', 0);
      },
    });
    expect(published.servers.map(({ uid }) => uid).sort()).toEqual(pods.map(({ uid }) => uid).sort());
    expect(seen.join('\n')).toContain('worker-2 do not have it yet');
  });

  it('names pod and instance at its deadline', async () => {
    const [first, second] = await scaleTo(2);
    await write(gateways[0]!, [first!, second!]);
    await write(gateways[1]!, [first!]);
    const failure = wait({ deadlineMs: 700 });
    await expect(failure).rejects.toMatchObject({ code: 'PUBLISH_DEADLINE', path: 'bc-a/web' });
    const { name, uid, ip } = second!;
    await expect(failure).rejects.toThrow(
      `pod ${name} (${uid}, ${ip}:8030) does not serve web.http at bd-1: it is not there`,
    );
    await expect(failure).rejects.not.toThrow(/at bc-1/);
  });

  it('names an instance that is down, and one that hangs, by the deadline', async () => {
    const pods = await scaleTo(2);
    await Promise.all(gateways.map((gateway) => write(gateway, pods)));
    await instances[0]!.faults.down(true);
    instances[1]!.faults.hang(true);
    const started = performance.now();
    const failure = wait({ deadlineMs: 1000 });
    await expect(failure).rejects.toThrow(/at bc-1/);
    await expect(failure).rejects.toThrow(/at bd-1/);
    expect(performance.now() - started).toBeLessThan(2500);
  });

  it('lives through a moment without API server', async () => {
    const pods = await scaleTo(2);
    await Promise.all(gateways.map((gateway) => write(gateway, pods)));
    cluster.faults.failNext(8, { status: 503, method: 'GET' });
    expect((await wait()).published).toBe(true);
  });

  it('says what the cluster said when it could never be read', async () => {
    cluster.faults.stall();
    await expect(wait({ deadlineMs: 500 })).rejects.toMatchObject({
      code: 'PUBLISH_DEADLINE',
      message: expect.stringContaining('cluster bc-a') as string,
    });
  });

  it('does not take nothing for published while pods are wanted', async () => {
    await Promise.all([scaleTo(2), ...gateways.map((gateway) => write(gateway, []))]);
    expect((await observePublished(where())).published).toBe(false);
  });

  it('takes a template hash that no pod has as not published', async () => {
    const pods = await scaleTo(2);
    await Promise.all(gateways.map((gateway) => write(gateway, pods)));
    const observed = await observePublished({ ...where(), color: 'stable', sc: '', templateHash: 'other' });
    expect(observed.reasons.join('\n')).toMatch(/no pod of template other is ready; web wants 2/);
  });

  it('ends at once when it is aborted', async () => {
    await Promise.all(gateways.map((gateway) => write(gateway, [])));
    const stop = new AbortController();
    const reason = new Error('enough');
    await expect(wait({ signal: stop.signal, onProgress: () => stop.abort(reason) })).rejects.toBe(reason);
  });

  it('takes zero when the Deployment says so, and when the Service is gone', async () => {
    await scaleTo(0);
    await Promise.all(gateways.map((gateway) => write(gateway, [])));
    expect((await wait()).zero).toBe('scaled-to-zero');
    await client.delete(resources.services, { namespace, name: app });
    expect((await wait()).zero).toBe('service-gone');
  });
});
