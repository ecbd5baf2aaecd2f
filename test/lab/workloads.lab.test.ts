// Stateful apps, daemons and jobs as they really run.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ManifestObject,
  synthBundle,
  YouzanDaemon,
  type YouzanDaemonProps,
  YouzanJob,
  type YouzanJobProps,
  YouzanScheduledJob,
  type YouzanScheduledJobProps,
  YouzanStatefulApp,
  type YouzanStatefulAppProps,
} from '../../constructs/index.js';
import { createYz7Gateway, type Gateway } from '../../src/gateways/index.js';
import { createK8sSync, type K8sSync } from '../../src/k8s-sync/index.js';
import { type KubeClient, resources } from '../../src/kube/index.js';
import { awaitPublished } from '../../src/publish/index.js';
import { type EmbeddedYz7, startEmbeddedYz7 } from '../../src/testing/index.js';
import { demoSpec } from '../constructs/specs.js';
import { references } from './images/lab-images.js';
import { applyStrict, type Kubectl, kubectlOf } from './node/kubectl.js';
import { clientOf, containerOf, isReady, type Pod, podsOf, readyPods } from './node/pods.js';
import { waitFor } from './processes/wait.js';
import { useLab } from './use-lab.js';

const namespace = 'workloads-test';
const idc = 'bc';
const app = demoSpec.name;
const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-volumes-'));
chmodSync(folder, 0o777);

let client: KubeClient;
let kubectl: Kubectl;
let base: Omit<YouzanJobProps, 'activeDeadlineSeconds'>;

beforeAll(async () => {
  const { 'bc-a': cluster } = await useLab({ 'bc-a': { idc, nodes: 2 } });
  client = clientOf(cluster);
  kubectl = kubectlOf(cluster);
  const place = { cluster: cluster.name, idc, env: 'qa', namespace };
  base = { spec: demoSpec, image: references.node, version: '1.0.0', ...place };
  await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});
afterAll(async () => {
  await client.delete(resources.namespaces, { name: namespace });
  await client.close();
  rmSync(folder, { recursive: true });
});

const podsOfInstance = (name: string): Promise<readonly Pod[]> =>
  podsOf(client, namespace, `app.kubernetes.io/instance=${name}`);
/** The only pod of a job, once `look` accepts it. */
function podUntil(name: string, what: string, look: (pod: Pod) => boolean): Promise<Pod> {
  const see = async (): Promise<Pod> => {
    const pods = await podsOfInstance(name);
    const [pod] = pods;
    if (pods.length === 1 && pod !== undefined && look(pod)) return pod;
    throw new Error(JSON.stringify(pods.map(({ status }) => status)));
  };
  return waitFor(`the pod of ${name} ${what}`, see, { deadlineMs: 60_000, everyMs: 200 });
}
const logOf = ({ metadata }: Pod): Promise<string> =>
  client.logs({ namespace, name: metadata.name }, { container: 'app' });

describe('a stateful app', () => {
  let yz7: EmbeddedYz7;
  let gateway: Gateway;
  let sync: K8sSync;

  beforeAll(async () => {
    yz7 = await startEmbeddedYz7({ name: 'bc-1', idc });
    gateway = createYz7Gateway({ name: 'bc-1', idc, url: yz7.adminUrl, token: yz7.token });
    sync = createK8sSync({ cluster: client, idc, namespace, gateways: [gateway] });
    await sync.start();
    const volumes = [0, 1].map((number): ManifestObject => ({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `workloads-test-${number}` },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'by-hand',
        hostPath: { path: join(folder, String(number)), type: 'DirectoryOrCreate' },
      },
    }));
    await applyStrict(kubectl, volumes);
  });
  afterAll(async () => {
    await sync.stop();
    await gateway.close();
    await yz7.stop();
    await kubectl(['delete', 'statefulset', app, '-n', namespace, '--wait', '--timeout=60s']);
    await kubectl(['delete', 'pvc', '--all', '-n', namespace, '--wait', '--timeout=60s']);
    await kubectl(['delete', 'pv', 'workloads-test-0', 'workloads-test-1', '--wait', '--timeout=60s']);
  });

  const pods = (): Promise<readonly Pod[]> => readyPods(client, namespace, `app.kubernetes.io/instance=${app}`, 2);

  it('starts its pods in order, and is published to the gateway once, with both', async () => {
    const props: YouzanStatefulAppProps = {
      ...base,
      publishDeadlineSeconds: 1,
      volumeClaims: [{ name: 'data', mountPath: '/data', size: '1Gi', storageClass: 'by-hand' }],
    };
    const { objects } = synthBundle(props, (chart) => new YouzanStatefulApp(chart, app, props));
    await applyStrict(kubectl, objects);
    await kubectl(['scale', 'statefulset', app, '-n', namespace, '--replicas=2']);
    const [first, second] = [...(await pods())].sort((one, other) =>
      one.metadata.name.localeCompare(other.metadata.name),
    );
    expect([first?.metadata.name, second?.metadata.name]).toEqual([`${app}-0`, `${app}-1`]);
    const ready = first?.status.conditions?.find(({ type }) => type === 'Ready');
    const readyAt = (ready as { readonly lastTransitionTime?: string } | undefined)?.lastTransitionTime ?? '';
    expect(Date.parse(second?.metadata.creationTimestamp ?? '')).toBeGreaterThanOrEqual(Date.parse(readyAt));
    const scope = { client, gateways: [gateway], idc, cluster: base.cluster, namespace, app, deadlineMs: 30_000 };
    const { servers } = await awaitPublished(scope);
    expect(servers.map(({ pod }) => pod).sort()).toEqual([`${app}-0`, `${app}-1`]);
  }, 180_000);

  it('gives a pod that is replaced its name and its volume again', async () => {
    const name = `${app}-0`;
    await client.exec({ namespace, name }, ['sh', '-c', 'echo kept >/data/file']);
    const { metadata } = await client.get<Pod>(resources.pods, { namespace, name });
    await client.delete(resources.pods, { namespace, name });
    const replaced = async (): Promise<boolean> => {
      const pod = await client.get<Pod>(resources.pods, { namespace, name });
      return pod.metadata.uid !== metadata.uid && isReady(pod);
    };
    await waitFor(`another ${name} is ready`, replaced, { deadlineMs: 90_000, everyMs: 200 });
    const { stdout } = await client.exec({ namespace, name }, ['cat', '/data/file']);
    expect(stdout).toBe('kept\n');
  }, 120_000);
});

describe('a daemon', () => {
  it('has a ready pod on each node', async () => {
    const props: YouzanDaemonProps = { ...base, spec: { ...demoSpec, name: 'node-agent' } };
    const { objects } = synthBundle(props, (chart) => new YouzanDaemon(chart, 'node-agent', props));
    await applyStrict(kubectl, objects);
    const pods = await readyPods(client, namespace, 'app.kubernetes.io/instance=node-agent', 2);
    expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(2);
    await kubectl(['delete', 'daemonset', 'node-agent', '-n', namespace, '--wait', '--timeout=60s']);
  }, 180_000);
});

describe('a job', () => {
  async function run(name: string, script: string, patch: Partial<YouzanJobProps> = {}): Promise<string> {
    const props: YouzanJobProps = {
      ...base,
      name,
      command: { shell: script },
      activeDeadlineSeconds: 120,
      ...patch,
    };
    await applyStrict(kubectl, synthBundle(props, (chart) => new YouzanJob(chart, name, props)).objects);
    return `${app}-${name}`;
  }
  const until = (name: string, condition: string): Promise<string> =>
    kubectl(['wait', `job/${name}`, '-n', namespace, `--for=condition=${condition}`, '--timeout=55s']);

  it('starts after its helpers, completes, and its helpers end with it', async () => {
    const name = await run('good', 'sh /tmp/youzan/status | grep "^log-agent  *ready" && echo "the work"');
    await until(name, 'Complete');
    const pod = await podUntil(name, 'has ended', ({ status }) => status.phase === 'Succeeded');
    expect(containerOf(pod)).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 0 } } });
    const log = await logOf(pod);
    expect(log).toMatch(/^log-agent +ready .*\nthe work$/m);
    expect(pod.metadata.labels).not.toHaveProperty(['youzan.com/color']);
  }, 120_000);

  it('that fails has failed, with its exit code and the reason, and is not tried again', async () => {
    const name = await run('bad', 'echo "no work" >&2; exit 4');
    await until(name, 'Failed');
    const pod = await podUntil(name, 'has failed', ({ status }) => status.phase === 'Failed');
    const { exitCode, message } = containerOf(pod)?.state.terminated ?? {};
    expect([exitCode, message]).toEqual([4, expect.stringMatching(/^app ended unasked after .* with exit code 4/)]);
  }, 120_000);

  it('that takes too long is ended, by TERM', async () => {
    const name = await run('slow', "trap 'exit 0' TERM; while :; do sleep 1; done", { activeDeadlineSeconds: 8 });
    await until(name, 'Failed');
    expect(
      await kubectl(['get', 'job', name, '-n', namespace, '-o', 'jsonpath={.status.conditions[*].reason}']),
    ).toMatch(/DeadlineExceeded/);
  }, 120_000);

  it('by the clock runs as that job does', async () => {
    const props: YouzanScheduledJobProps = {
      ...base,
      name: 'settle',
      command: { shell: 'echo "settled"' },
      schedule: '30 3 * * *',
      timeZone: 'Asia/Shanghai',
      activeDeadlineSeconds: 120,
    };
    const { objects } = synthBundle(props, (chart) => new YouzanScheduledJob(chart, 'settle', props));
    await applyStrict(kubectl, objects);
    const name = `${app}-settle`;
    await kubectl(['create', 'job', '-n', namespace, `--from=cronjob/${name}`, 'by-hand']);
    await until('by-hand', 'Complete');
    const pod = await podUntil(name, 'has ended', ({ status }) => status.phase === 'Succeeded');
    expect(await logOf(pod)).toContain('settled');
  }, 120_000);
});
