// 5,000 EndpointSlices of a real API server through the reflector.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { youzanConventions } from '../../src/conventions/index.js';
import { createReflector, type KubeClient, type KubeObject, resources } from '../../src/kube/index.js';
import { decodeEndpointSlice, type EndpointSliceRecord } from '../../src/members/index.js';
import { clientOf } from './node/pods.js';
import { useLab } from './use-lab.js';

const namespace = 'kube-stream';
const sliceCount = 5000;
const endpointsEach = 20;
const labels = youzanConventions.labels;

const addressOf = (slice: number, endpoint: number): string => `10.${slice >> 8}.${slice & 255}.${endpoint + 1}`;

function sliceObject(number: number): KubeObject {
  const app = `app-${number % 500}`;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `slice-${number}`,
      namespace,
      labels: { [labels.app]: app, [labels.color]: 'stable', 'kubernetes.io/service-name': app },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8030, protocol: 'TCP' }],
    endpoints: Array.from({ length: endpointsEach }, (_, endpoint) => ({
      addresses: [addressOf(number, endpoint)],
      conditions: { ready: true, serving: true, terminating: false },
      targetRef: { kind: 'Pod', namespace, name: `${app}-${number}-${endpoint}`, uid: `${number}-${endpoint}` },
    })),
  };
}

describe('5,000 EndpointSlices', () => {
  let client: KubeClient;

  beforeAll(async () => {
    const { kube: cluster } = await useLab({ kube: { idc: 'bd' } });
    client = clientOf(cluster);
    await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < sliceCount) await client.create(resources.endpointSlices, sliceObject(next++));
    };
    await Promise.all(Array.from({ length: 16 }, work));
  });
  afterAll(async () => {
    await client.delete(resources.namespaces, { name: namespace });
    await client.close();
  });

  it('come as one complete list, each with all its endpoints, and changes follow it', async () => {
    const known = new Map<string, EndpointSliceRecord>();
    const bad: string[] = [];
    let lists = 0;
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const start = performance.now();
    const reflector = createReflector<EndpointSliceRecord>({
      client,
      type: resources.endpointSlices,
      namespace,
      labelSelector: labels.app,
      decode: (object) => decodeEndpointSlice(object, youzanConventions),
      onEvents(events) {
        for (const event of events) {
          if (event.type === 'replaced') lists += 1;
          if (event.type === 'replaced') for (const [key, item] of event.items) known.set(key, item);
          if (event.type === 'upserted') known.set(event.key, event.item);
        }
      },
      onBadObject: (key) => bad.push(key),
    });
    reflector.start();
    try {
      await vi.waitFor(() => expect(reflector.hasSynced).toBe(true), { timeout: 60_000, interval: 10 });
      const tookMs = performance.now() - start;
      delay.disable();
      const [longest, usual] = [delay.max, delay.percentile(99)].map((ns) => Math.round(ns / 1e6));
      console.log(
        `${sliceCount} slices of ${endpointsEach} endpoints in ${Math.round(tookMs)} ms; event loop held up ${longest} ms at most, ${usual} ms in 99 of 100`,
      );
      expect({ lists, bad }).toEqual({ lists: 1, bad: [] });
      expect(known.size).toBe(sliceCount);
      const addresses = new Set([...known.values()].flatMap(({ endpoints }) => endpoints.map(({ ip }) => ip)));
      expect(addresses.size).toBe(sliceCount * endpointsEach);

      const changed = sliceObject(sliceCount - 1);
      await client.replace(resources.endpointSlices, { ...changed, endpoints: [] });
      const key = `${namespace}/${changed.metadata.name}`;
      await vi.waitFor(() => expect(known.get(key)?.endpoints).toEqual([]), { timeout: 10_000, interval: 10 });
      expect(lists).toBe(1);
    } finally {
      await reflector.stop();
    }
  });
});
