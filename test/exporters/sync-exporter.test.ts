import { register, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSyncExporter, syncMetrics } from '../../src/exporters/index.js';
import { createYz7Gateway, type Gateway } from '../../src/gateways/index.js';
import { createK8sSync, type K8sSync } from '../../src/k8s-sync/index.js';
import {
  createKubeClient,
  credentialsFromKubeconfig,
  type KubeClient,
  type KubeObject,
  resources,
} from '../../src/kube/index.js';
import {
  type EmbeddedCluster,
  type EmbeddedYz7,
  startEmbeddedCluster,
  startEmbeddedYz7,
} from '../../src/testing/index.js';

let cluster: EmbeddedCluster;
let yz7: EmbeddedYz7;
let client: KubeClient;
let gateway: Gateway;
let sync: K8sSync;
const registry = new Registry();
let end: () => void;

const labels = { 'youzan.com/app': 'web', 'youzan.com/color': 'stable' };
const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', labels },
  spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8030 }] },
};
const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'default', labels },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'app', image: 'web', command: ['/bin/sh', '-c', 'exec sleep 1000'] }],
  },
};

beforeAll(async () => {
  [cluster, yz7] = await Promise.all([
    startEmbeddedCluster({ name: 'bc-a' }),
    startEmbeddedYz7({ name: 'bc-1', idc: 'bc' }),
  ]);
  client = createKubeClient({
    name: 'bc-a',
    credentials: credentialsFromKubeconfig({ cluster: 'bc-a', text: cluster.kubeconfig }),
  });
  gateway = createYz7Gateway({ name: 'bc-1', idc: 'bc', url: yz7.adminUrl, token: yz7.token });
  sync = createK8sSync({ cluster: client, idc: 'bc', gateways: [gateway] });
  end = await createSyncExporter({ registry, syncs: [sync] });
});
afterAll(async () => {
  await sync.stop();
  await Promise.all([client.close(), gateway.close()]);
  await Promise.all([cluster.stop(), yz7.stop()]);
});

const lines = async (): Promise<string[]> => (await registry.metrics()).split('\n');

describe('createSyncExporter', () => {
  it('shows a cluster before its syncer has started, with one state of all', async () => {
    const states = (await lines()).filter((line) => line.startsWith('youzan_sync_state{'));
    expect(states).toHaveLength(5);
    expect(states).toContain('youzan_sync_state{cluster="bc-a",state="syncing"} 1');
    expect(states.filter((line) => line.endsWith(' 1'))).toHaveLength(1);
  });

  it('follows a pod on its way to the gateway', async () => {
    await sync.start();
    await client.create(resources.services, service);
    await client.create(resources.pods, pod);
    const where = 'cluster="bc-a",upstream="web.http",gateway="bc-1"';
    const seen = expect.poll(lines, { timeout: 15_000 });
    await seen.toContain(`youzan_sync_live_servers{${where}} 1`);
    await expect.poll(lines, { timeout: 5000 }).toContain('youzan_sync_propagation_seconds_count{cluster="bc-a"} 1');
    const text = await lines();
    expect(text).toContain(`youzan_sync_desired_servers{${where}} 1`);
    expect(text).toContain('youzan_sync_state{cluster="bc-a",state="live"} 1');
    expect(text).toContain('youzan_sync_leader{cluster="bc-a"} 1');
    expect(text.find((line) => line.startsWith('youzan_sync_evidence_age_seconds{'))).toBeDefined();
    const written = 'youzan_sync_writes_total{cluster="bc-a",gateway="bc-1",result="changed"}';
    expect(
      Number(
        text
          .find((line) => line.startsWith(written))
          ?.split(' ')
          .at(-1),
      ),
    ).toBeGreaterThanOrEqual(1);
  });

  it('has every metric of the table, with its type and help', async () => {
    const text = await lines();
    for (const { name, type, help } of Object.values(syncMetrics)) {
      expect(text).toContain(`# TYPE ${name} ${type}`);
      expect(text.find((line) => line.startsWith(`# HELP ${name} `))?.replaceAll('\\', '')).toBe(
        `# HELP ${name} ${help}`,
      );
    }
  });

  it('gives each sample exactly the labels of the table', async () => {
    for (const metric of await registry.getMetricsAsJSON()) {
      const { labels: known = [], type = '' } =
        Object.values(syncMetrics).find(({ name }) => name === metric.name) ?? {};
      for (const { labels: own } of metric.values) {
        const keys = Object.keys(own).filter((key) => !(type === 'histogram' && key === 'le'));
        expect(keys.sort()).toEqual([...known].sort());
      }
    }
  });

  it('does not touch the default registry', () => {
    expect(register.getMetricsAsArray()).toEqual([]);
  });

  it('refuses the same registry twice, and takes its metrics out again', async () => {
    await expect(createSyncExporter({ registry, syncs: [sync] })).rejects.toThrow(/already been registered/);
    end();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });
});
