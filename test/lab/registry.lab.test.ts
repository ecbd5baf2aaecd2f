// An app's RPC service in a real etcd, registered, called and taken back by real pods.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthApp } from '../../constructs/index.js';
import type { AppSpec } from '../../src/app-yaml/index.js';
import { resources, type KubeClient, type KubeObject } from '../../src/kube/index.js';
import { demoSpec, propsOf } from '../constructs/specs.js';
import { createEtcd, type Etcd } from '../hooks/registry/etcd.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { references } from './images/lab-images.js';
import { clientOf, containerOf, readyPods, type Pod } from './node/pods.js';
import { useLab } from './use-lab.js';

const namespace = 'default';
/** A line of JSON for a line of JSON, with what answered in it. */
const server = `require('net').createServer((s) => s.on('data', (line) =>
  s.end(JSON.stringify({ ...JSON.parse(line), answeredBy: process.env.POD_NAME }) + '\\n'))).listen(Number(process.env.PORT_RPC))`;
/** Looks its callee up in etcd, as an RPC client does, and calls it. */
const caller = (endpoint: string, key: string): string => `
  const body = JSON.stringify({ key: Buffer.from(${JSON.stringify(key)}).toString('base64') });
  fetch('${endpoint}/v3/kv/range', { method: 'POST', body }).then((r) => r.json()).then(({ kvs }) => {
    const { IP, Port, Status } = JSON.parse(Buffer.from(kvs[0].value, 'base64'));
    if (Status !== 1) throw new Error('status ' + Status);
    require('net').connect(Port, IP, function () { this.write(JSON.stringify({ method: 'hello' })); }).pipe(process.stdout);
  })`;

function specOf(name: string): AppSpec {
  const registry = { type: 'registry', name: 'register', registry: {}, deadlineSeconds: 20 } as const;
  const online = demoSpec.hooks.online === false ? {} : (demoSpec.hooks.online ?? {});
  const run = `${server}; import('/app/examples/demo/app.mjs'); process.on('SIGUSR2', () => process.exit(7))`;
  return {
    ...demoSpec,
    name,
    ports: { ...demoSpec.ports, rpc: 8100 },
    entrypoint: ['node', '-e', run],
    hooks: { ...demoSpec.hooks, online: { ...online, after: [registry] } },
  };
}
const keyOf = (name: string, pod: Pod): string => `nova:com.youzan.service/${name}/${pod.status.podIP ?? ''}:8100`;
const ends: (() => Promise<unknown>)[] = [];
const patient = { timeout: 60_000, interval: 200 };

describe("an app's registration in real pods", () => {
  let etcd: Etcd;
  let cluster: LabCluster;
  let client: KubeClient;
  let other: KubeClient;

  beforeAll(async () => {
    const clusters = await useLab({
      'registry-a': { idc: 'bc', nodes: 1 },
      'registry-b': { idc: 'bc', nodes: 1 },
    });
    cluster = clusters['registry-a'];
    client = clientOf(cluster);
    other = clientOf(clusters['registry-b']);
    ends.push(
      () => client.close(),
      () => other.close(),
    );
    // The host's own end of the bridge, which every pod reaches and nobody else.
    const [first, second] = new URL(cluster.url).hostname.split('.');
    etcd = await createEtcd(`${first ?? ''}.${second ?? ''}.0.1`);
    ends.push(() => etcd.dispose());
    await etcd.start();
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });

  const statusOf = async (key: string): Promise<number | undefined> =>
    ((await etcd.read(key)) as { readonly Status: number } | undefined)?.Status;

  async function start(name: string): Promise<{ pod: Pod; key: string; remove: () => Promise<void> }> {
    const { objects } = synthApp({
      ...propsOf(specOf(name)),
      image: references.node,
      namespace,
      disruptionBudget: false,
      environment: { YOUZAN_REGISTRY: etcd.endpoint },
    });
    const resourceOf = ({ kind }: KubeObject) => (kind === 'Service' ? resources.services : resources.deployments);
    for (const object of objects) await client.create(resourceOf(object), object);
    const [pod] = await readyPods(client, namespace, `app.kubernetes.io/name=${name}`, 1, 120_000);
    return {
      pod: pod!,
      key: keyOf(name, pod!),
      async remove() {
        for (const object of objects)
          await client.delete(resourceOf(object), { namespace, name: object.metadata.name });
      },
    };
  }

  it('is OK when the pod is ready, and its address answers a call from the other cluster', async () => {
    const { pod, key, remove } = await start('called');
    expect(await etcd.read(key)).toMatchObject({ DataCenter: 'bc', IP: pod.status.podIP, Port: 8100, Status: 1 });
    const name = 'caller';
    const spec = { containers: [{ name, image: references.node, command: ['sleep', '3600'] }] };
    const labels = { app: name };
    await other.create(resources.pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec });
    await readyPods(other, namespace, `app=${name}`, 1);
    const called = await other.exec({ namespace, name }, ['node', '-e', caller(etcd.endpoint, key)]);
    expect(called).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(called.stdout)).toEqual({ method: 'hello', answeredBy: pod.metadata.name });
    await remove();
  });

  it('is UNREG once the pod is deleted, while it still drains, and stays there when it is gone', async () => {
    const { pod, key, remove } = await start('deleted');
    await remove();
    await expect.poll(() => statusOf(key), patient).toBe(3);
    expect((await client.get<Pod>(resources.pods, { namespace, name: pod.metadata.name })).status.phase).toBe(
      'Running',
    );
    const find = () => client.get<Pod>(resources.pods, { namespace, name: pod.metadata.name }).catch(() => 'gone');
    await expect.poll(find, patient).toBe('gone');
    expect(await statusOf(key)).toBe(3);
  });

  it('is UNREG after a crash, and OK again when the container is up again', async () => {
    const { pod, key, remove } = await start('crashed');
    await client.exec({ namespace, name: pod.metadata.name }, ['kill', '-USR2', '1']);
    const restarts = async (): Promise<number | undefined> =>
      containerOf(await client.get<Pod>(resources.pods, { namespace, name: pod.metadata.name }))?.restartCount;
    await expect.poll(restarts, patient).toBe(1);
    await expect.poll(() => statusOf(key), patient).toBe(1);
    expect(await etcd.readFormer(key)).toMatchObject({ Status: 3 });
    await remove();
  });

  it('is gone when its lease has run out, after the node lost its power', async () => {
    const { key } = await start('powerless');
    expect(await statusOf(key)).toBe(1);
    await cluster.killNode(cluster.nodes[0]!.name);
    await expect.poll(() => statusOf(key), patient).toBeUndefined();
  });
});
