// Debug releases and pairs of colors as they really run.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BlueGreenApp,
  type BlueGreenAppProps,
  type ManifestObject,
  synthApp,
  synthBundle,
} from '../../constructs/index.js';
import { createYz7Gateway, type Gateway } from '../../src/gateways/index.js';
import { createK8sSync, type K8sSync } from '../../src/k8s-sync/index.js';
import { type KubeClient, type KubeObject, resources } from '../../src/kube/index.js';
import { awaitPublished } from '../../src/publish/index.js';
import { type EmbeddedYz7, startEmbeddedYz7 } from '../../src/testing/index.js';
import { demoSpec } from '../constructs/specs.js';
import { references } from './images/lab-images.js';
import { applyStrict, type Kubectl, kubectlOf } from './node/kubectl.js';
import { clientOf, containerOf, type Pod, podsOf, readyPods } from './node/pods.js';
import { waitFor } from './processes/wait.js';
import { useLab } from './use-lab.js';

const namespace = 'variants-test';
const app = demoSpec.name;
const idc = 'bc';

let client: KubeClient;
let kubectl: Kubectl;
let cluster: string;
let place: Pick<BlueGreenAppProps, 'spec' | 'cluster' | 'idc' | 'env' | 'namespace'>;

beforeAll(async () => {
  const { 'bc-a': lab } = await useLab({ 'bc-a': { idc, nodes: 2 } });
  client = clientOf(lab);
  kubectl = kubectlOf(lab);
  cluster = lab.name;
  place = { spec: demoSpec, cluster, idc, env: 'qa', namespace };
  await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});
afterAll(async () => {
  await client.delete(resources.namespaces, { name: namespace });
  await client.close();
});

interface Slice extends KubeObject {
  readonly endpoints?: readonly { readonly addresses: readonly string[] }[];
}
/** The addresses behind a Service of the namespace. */
async function addressesOf(service: string): Promise<string[]> {
  const labelSelector = `kubernetes.io/service-name=${service}`;
  const { items } = await client.list<Slice>(resources.endpointSlices, { namespace, labelSelector });
  return items.flatMap(({ endpoints }) => (endpoints ?? []).flatMap(({ addresses }) => addresses)).sort();
}
const addresses = (pods: readonly Pod[]): string[] => pods.map(({ status }) => status.podIP ?? '').sort();

describe('a debug release', () => {
  const debugPods = `youzan.com/app=${app},youzan.com/debug=true`;
  const crashing = { ...demoSpec, entrypoint: { shell: 'echo "cannot start" >&2; exit 3' } };
  const name = `${app}-debug`;

  async function deployed(pod = debugPods): Promise<Pod> {
    const running = async (): Promise<Pod | undefined> =>
      (await podsOf(client, namespace, pod)).find(
        (one) => one.metadata.deletionTimestamp === undefined && containerOf(one)?.state.running !== undefined,
      );
    return waitFor(`a debug pod of ${app} runs`, running, { deadlineMs: 60_000, everyMs: 200 });
  }
  const logOf = (pod: Pod): Promise<string> =>
    client.logs({ namespace, name: pod.metadata.name }, { container: 'app' });
  const logHas = (pod: Pod, text: string): Promise<string> =>
    waitFor(
      `"${text}" in the log`,
      async () => {
        const log = await logOf(pod);
        if (log.includes(text)) return log;
        throw new Error(log);
      },
      { deadlineMs: 30_000, everyMs: 200 },
    );
  const end = (): Promise<string> => kubectl(['delete', 'job', name, '-n', namespace, '--wait', '--timeout=60s']);

  it('stays up where the normal one loops, and has no address in the Service', async () => {
    const props = { ...place, spec: crashing, image: references.node, version: '1.0.0' };
    await applyStrict(kubectl, synthApp(props).objects);
    await applyStrict(kubectl, synthApp({ ...props, debug: { main: 'started' } }).objects);
    const looping = async (): Promise<boolean> => {
      const [pod] = await podsOf(client, namespace, `youzan.com/app=${app},youzan.com/color=stable`);
      const container = pod && containerOf(pod);
      return container !== undefined && container.restartCount >= 2;
    };
    const pod = await deployed();
    await waitFor('the normal one loops', looping, { deadlineMs: 90_000, everyMs: 500 });
    const log = await logHas(pod, 'app has ended with exit code 3');
    expect(log).toContain('cannot start');
    expect(containerOf(await deployed())).toMatchObject({ restartCount: 0, ready: true });
    expect(await addressesOf(app)).not.toContain(pod.status.podIP);
    await end();
    await kubectl(['delete', 'deployment', app, '-n', namespace, '--wait', '--timeout=90s']);
  }, 240_000);

  it('holds the app while its helpers run, and starts it by the command in its log', async () => {
    const props = { ...place, image: references.node, version: '1.0.0', debug: true } as const;
    await applyStrict(kubectl, synthApp(props).objects);
    const pod = await deployed();
    const log = await logHas(pod, 'app is held; start it by: kubectl exec');
    const [, command = ''] = /start it by: kubectl (.*)$/m.exec(log) ?? [];
    const ref = { namespace, name: pod.metadata.name };
    const status = async (): Promise<string> => (await client.exec(ref, ['sh', '/tmp/youzan/status'])).stdout;
    expect(await status()).toMatch(/^log-agent +ready /m);
    const answers = async (): Promise<boolean> => {
      const response = await fetch(`http://${pod.status.podIP ?? ''}:8001/health`, {
        signal: AbortSignal.timeout(1000),
      });
      return response.ok;
    };
    await expect(answers()).rejects.toThrow();
    await kubectl(command.split(' '));
    await waitFor('the app answers', answers, { deadlineMs: 20_000, everyMs: 200 });
    expect(containerOf(await deployed())).toMatchObject({ restartCount: 0 });
    await end();
  }, 180_000);

  it('starts again in its pod when its container is killed', async () => {
    const props = { ...place, image: references.node, version: '1.0.0', debug: true } as const;
    await applyStrict(kubectl, synthApp(props).objects);
    const pod = await deployed();
    await logHas(pod, 'app is held');
    await kubectl(['exec', '-n', namespace, pod.metadata.name, '--', 'sh', '-c', 'kill -TERM 1']);
    const again = async (): Promise<boolean> => {
      const [same] = await podsOf(client, namespace, debugPods);
      const container = same && containerOf(same);
      return (
        same?.metadata.uid === pod.metadata.uid &&
        container?.restartCount === 1 &&
        container.state.running !== undefined
      );
    };
    await waitFor('it runs again', again, { deadlineMs: 60_000, everyMs: 200 });
    await end();
  }, 120_000);

  it('ends by itself when its time has passed', async () => {
    const debug = { expiresAfterSeconds: 8 } as const;
    const props = { ...place, image: references.node, version: '1.0.0', debug };
    await applyStrict(kubectl, synthApp(props).objects);
    await deployed();
    const gone = async (): Promise<boolean> => (await podsOf(client, namespace, debugPods)).length === 0;
    await waitFor('its pod is gone', gone, { deadlineMs: 60_000, everyMs: 200 });
    const reason = await kubectl([
      'get',
      'job',
      name,
      '-n',
      namespace,
      '-o',
      'jsonpath={.status.conditions[*].reason}',
    ]);
    expect(reason).toContain('DeadlineExceeded');
    await end();
  }, 120_000);
});

describe('a pair of colors', () => {
  const release = (version: string) => ({ image: references.node, version });
  const bundle = (active: 'blue' | 'green'): readonly ManifestObject[] => {
    const props: BlueGreenAppProps = {
      ...place,
      publishDeadlineSeconds: 1,
      blue: release('1.4.0'),
      green: release('1.5.0'),
      active,
    };
    return synthBundle(props, (chart) => new BlueGreenApp(chart, app, props)).objects;
  };
  const active = `${app}-active`;
  let yz7: EmbeddedYz7;
  let gateway: Gateway;
  let sync: K8sSync;

  beforeAll(async () => {
    yz7 = await startEmbeddedYz7({ name: 'bc-1', idc });
    gateway = createYz7Gateway({ name: 'bc-1', idc, url: yz7.adminUrl, token: yz7.token });
    sync = createK8sSync({ cluster: client, idc, namespace, gateways: [gateway] });
    await sync.start();
  });
  afterAll(async () => {
    await sync.stop();
    await gateway.close();
    await yz7.stop();
  });

  const podsOfColor = (color: string): Promise<readonly Pod[]> =>
    readyPods(client, namespace, `youzan.com/app=${app},youzan.com/color=${color}`, 1);
  const published = async (): Promise<unknown[]> => {
    const scope = { client, gateways: [gateway], idc, cluster, namespace, app, deadlineMs: 30_000 };
    const { servers } = await awaitPublished(scope);
    return servers.map(({ address, color }) => [address, color]).sort();
  };
  const selects = (pods: readonly Pod[]): Promise<boolean> =>
    waitFor(
      `${active} sends to the active color`,
      async () => {
        const found = await addressesOf(active);
        if (found.join() === addresses(pods).join()) return true;
        throw new Error(found.join());
      },
      { deadlineMs: 30_000, everyMs: 200 },
    );

  it('switches its callers by one selector, and the gateway has both colors before and after', async () => {
    await applyStrict(kubectl, bundle('blue'));
    const [blue, green] = [await podsOfColor('blue'), await podsOfColor('green')];
    await selects(blue);
    const before = await published();
    expect(before).toHaveLength(2);
    await applyStrict(kubectl, bundle('green'));
    await selects(green);
    expect(await published()).toEqual(before);
    const uids = (pods: readonly Pod[]): unknown[] => pods.map(({ metadata }) => metadata.uid);
    expect([uids(await podsOfColor('blue')), uids(await podsOfColor('green'))]).toEqual([uids(blue), uids(green)]);
    await applyStrict(kubectl, bundle('blue'));
    await selects(blue);
  }, 180_000);
});
