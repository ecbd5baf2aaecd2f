// Two data centres with a cluster and a gateway, real nginx, each: every cluster is in every gateway, and a request goes
// across only where its own data centre has nothing that serves.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthApp } from '../../constructs/index.js';
import { parseAppYaml } from '../../src/app-yaml/index.js';
import { youzanConventions } from '../../src/conventions/index.js';
import { createYz7Gateway, type Gateway } from '../../src/gateways/index.js';
import { createK8sSync } from '../../src/k8s-sync/index.js';
import type { KubeClient } from '../../src/kube/index.js';
import { awaitPublished } from '../../src/publish/index.js';
import { planRelease, runRelease, scale } from '../../src/release/index.js';
import { send } from '../testing/yz7/traffic.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { references } from './images/lab-images.js';
import { clientOf, podsOf, readyPods } from './node/pods.js';
import { freePorts, GatewayProcess } from './updates/gateway-process.js';
import { useLab } from './use-lab.js';

const namespace = 'default';
const replicas = 2;
const file = new URL('../../examples/demo/app.yaml', import.meta.url);
const spec = parseAppYaml(readFileSync(file, 'utf8'), { file: 'examples/demo/app.yaml' });
const selector = `${youzanConventions.labels.app}=${spec.name}`;
const names = { bc: 'bc-a', bd: 'bd-a' } as const;
type Idc = keyof typeof names;
const idcs = Object.keys(names) as readonly Idc[];

describe('two data centres', () => {
  const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-idcs-'));
  const token = 'of-a-test';
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const clients = {} as Record<Idc, KubeClient>;
  const dataUrls = {} as Record<Idc, string>;
  const writers: Gateway[] = [];

  async function release(idc: Idc, version: string): Promise<void> {
    const cluster = names[idc];
    const publishDeadlineSeconds = 3;
    const image = references.node;
    const bundle = synthApp({ spec, image, version, idc, cluster, env: 'prod', namespace, publishDeadlineSeconds });
    const policy = {
      minSuccessTimeMs: 0,
      progressDeadlineMs: 120_000,
      publishDeadlineMs: publishDeadlineSeconds * 1000,
    };
    await runRelease({
      plan: planRelease({ app: spec.name, version, bundles: [{ ...bundle, replicas }], policy }),
      connections: new Map([[cluster, clients[idc]]]),
      gateways: writers,
    });
  }
  async function setReplicas(idc: Idc, count: number): Promise<void> {
    const client = clients[idc];
    await scale({ client, namespace, name: spec.name, replicas: count });
    await readyPods(client, namespace, selector, count);
    const app = { client, idc, cluster: names[idc], namespace, app: spec.name };
    await awaitPublished({ ...app, gateways: writers, deadlineMs: 60_000 });
  }
  const podUids = async (idc: Idc): Promise<readonly string[]> =>
    (await podsOf(clients[idc], namespace, selector)).map(({ metadata }) => metadata.uid ?? '');

  /** Who answers a gateway's requests, as data centres, one after the other, until `done` is; at least so many. */
  async function answering(
    gateway: Idc,
    { atLeast = 200, until = Promise.resolve() }: { readonly atLeast?: number; readonly until?: Promise<unknown> } = {},
  ): Promise<Readonly<Record<string, number>>> {
    const seen = new Map<string, Idc>();
    const counts: Record<string, number> = {};
    let isDone = false;
    const ended = until.finally(() => (isDone = true));
    for (let sent = 0; sent < atLeast || !isDone; sent += 1) {
      const { status, headers } = await send(dataUrls[gateway], { host: `${spec.name}.http` });
      const uid = String(headers['x-pod-uid']);
      if (status === 200 && !seen.has(uid))
        for (const idc of idcs) for (const known of await podUids(idc)) seen.set(known, idc);
      const who = status === 200 ? (seen.get(uid) ?? 'unknown') : String(status);
      counts[who] = (counts[who] ?? 0) + 1;
    }
    await ended;
    return counts;
  }

  const failed = (counts: Readonly<Record<string, number>>): object =>
    Object.fromEntries(Object.entries(counts).filter(([who]) => who !== 'bc' && who !== 'bd'));

  beforeAll(async () => {
    const clusters: Record<string, LabCluster> = await useLab({
      'bc-a': { idc: 'bc', nodes: 2 },
      'bd-a': { idc: 'bd', nodes: 2 },
    });
    for (const idc of idcs) {
      const ports = await freePorts();
      const gateway = new GatewayProcess('nginx', { name: `${idc}-1`, idc, folder: join(folder, idc), token, ports });
      await gateway.start();
      ends.push(() => gateway.kill());
      dataUrls[idc] = gateway.dataUrl;
      writers.push(createYz7Gateway({ name: gateway.name, idc, url: gateway.url, token }));
    }
    ends.push(() => Promise.all(writers.map((writer) => writer.close())));
    for (const idc of idcs) {
      const client = clientOf(clusters[names[idc]]!);
      clients[idc] = client;
      const lease = { namespace, name: 'k8s-sync-idcs' };
      const sync = createK8sSync({ cluster: client, idc, gateways: writers, lease });
      await sync.start();
      ends.push(
        () => client.close(),
        () => sync.stop(),
      );
    }
    await Promise.all(idcs.map((idc) => release(idc, '1.0.0')));
  }, 300_000);
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  it.each(idcs)('keep the requests of %s in it', async (idc) => {
    expect(await answering(idc)).toEqual({ [idc]: 200 });
  });

  it('keep them during an update', async () => {
    const counts = await answering('bc', { until: release('bc', '2.0.0') });
    expect(Object.keys(counts)).toEqual(['bc']);
  }, 180_000);

  it('help each other when one has no pod left, and no longer when it has', async () => {
    const going = await answering('bc', { until: setReplicas('bc', 0) });
    expect(failed(going)).toEqual({});
    expect(await answering('bc')).toEqual({ bd: 200 });
    const coming = await answering('bc', { until: setReplicas('bc', replicas) });
    expect(failed(coming)).toEqual({});
    expect(await answering('bc')).toEqual({ bc: 200 });
    expect(await answering('bd')).toEqual({ bd: 200 });
  }, 180_000);
});
