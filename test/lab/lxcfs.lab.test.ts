// lxcfs as its DaemonSet serves it: what a container sees of itself, before and after lxcfs was killed.
import { spawnSync } from 'node:child_process';
import { App, Chart } from 'cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LxcfsDaemonSet, type ManifestObject, synthApp } from '../../constructs/index.js';
import { parseAppYaml } from '../../src/app-yaml/index.js';
import { type KubeClient, resources, type ResourceType } from '../../src/kube/index.js';
import { resourceTypeOf } from '../../src/release/resource-type.js';
import { references } from './images/lab-images.js';
import { clientOf, containerOf, type Pod, readyPods } from './node/pods.js';
import { waitFor } from './processes/wait.js';
import { useLab } from './use-lab.js';

const namespace = 'default';
const daemonSets: ResourceType = {
  group: 'apps',
  version: 'v1',
  plural: 'daemonsets',
  kind: 'DaemonSet',
  namespaced: true,
};
const release = { fieldManager: 'youzan-kube-release' };

interface PodSpec {
  volumes: object[];
  containers: { volumeMounts: object[] }[];
}

/** No registry has an image of lxcfs for the lab: the pod sees this machine's programs. */
function withPrograms(object: ManifestObject): ManifestObject {
  const changed = structuredClone(object) as ManifestObject & { spec: { template: { spec: PodSpec } } };
  const { spec } = changed.spec.template;
  const places = { '/usr': '/usr', '/bin': '/usr/bin', '/lib': '/usr/lib', '/lib64': '/usr/lib64' };
  for (const [mountPath, path] of Object.entries(places)) {
    const name = `programs${mountPath.replace('/', '-')}`;
    spec.volumes.push({ name, hostPath: { path, type: 'Directory' } });
    for (const { volumeMounts } of spec.containers) volumeMounts.push({ name, mountPath, readOnly: true });
  }
  return changed;
}

const able = spawnSync('lxcfs', ['--version'], { stdio: 'ignore' }).status === 0;
if (!able) console.log('skipped, for there is no lxcfs here (apt-get install lxcfs): what a container sees by it');

describe.skipIf(!able)('a container with lxcfs', () => {
  let client: KubeClient;
  let app: Pod;

  const read = async (file: string): Promise<string> => {
    const place = { namespace, name: app.metadata.name };
    const { stdout, stderr, exitCode } = await client.exec(place, ['cat', file], {
      signal: AbortSignal.timeout(5_000),
    });
    if (exitCode !== 0) throw new Error(stderr);
    return stdout;
  };

  beforeAll(async () => {
    const { lxcfs: cluster } = await useLab({ lxcfs: { idc: 'bc', nodes: 1 } });
    client = clientOf(cluster);
    const chart = new Chart(new App(), cluster.name);
    new LxcfsDaemonSet(chart, 'lxcfs', { namespace, image: references.busybox });
    const [daemonSet] = chart.toJson() as ManifestObject[];
    await client.apply(daemonSets, withPrograms(daemonSet!), release);
    await readyPods(client, namespace, 'app.kubernetes.io/name=lxcfs', 1);
    const text = [
      'name: small',
      'kind: generic',
      'stack: youzanyun-debian12',
      'runtime: generic',
      'entrypoint: sleep 3600',
      'hooks: { preload: false, online: false, offline: false, drainSeconds: 0 }',
      'resources: { requests: { cpu: 20m }, limits: { cpu: "1", memory: 128Mi } }',
    ].join('\n');
    const spec = parseAppYaml(text, { file: 'small/app.yaml' });
    const place = { idc: 'bc', cluster: cluster.name, env: 'prod', namespace };
    const { objects } = synthApp({ spec, image: references.busybox, version: '1.0.0', lxcfs: true, ...place });
    for (const object of objects) await client.apply(resourceTypeOf(object)!, object, release);
    const running = async (): Promise<Pod> => {
      const labelSelector = 'youzan.com/app=small';
      const { items } = await client.list<Pod>(resources.pods, { namespace, labelSelector });
      const pod = items.find((one) => containerOf(one)?.state.running !== undefined);
      if (pod !== undefined) return pod;
      throw new Error(JSON.stringify(items.map(({ status }) => status)));
    };
    app = await waitFor('the container runs', running, { deadlineMs: 60_000 });
  }, 300_000);
  afterAll(() => client.close());

  const own = async (): Promise<unknown> => ({
    memory: /MemTotal:\s+(\d+) kB/.exec(await read('/proc/meminfo'))?.[1],
    processors: [...(await read('/proc/cpuinfo')).matchAll(/^processor/gm)].length,
  });

  it('sees its own memory and CPUs', async () => {
    expect(await own()).toEqual({ memory: String(128 * 1024), processors: 1 });
    expect(await read('/sys/devices/system/cpu/online')).toMatch(/^0/);
  });

  it('sees them again after lxcfs was killed, and was not restarted for it', async () => {
    const [server] = await readyPods(client, namespace, 'app.kubernetes.io/name=lxcfs', 1);
    const kill =
      'for each in /proc/[0-9]*; do [ "$(cat "$each/comm")" = lxcfs ] && kill -9 "${each#/proc/}"; done; true';
    await client.exec({ namespace, name: server!.metadata.name }, ['sh', '-c', kill]);
    const restarted = async (): Promise<boolean> => {
      const pod = await client.get<Pod>(resources.pods, { namespace, name: server!.metadata.name });
      return (containerOf(pod, 'lxcfs')?.restartCount ?? 0) > 0;
    };
    await waitFor('lxcfs starts anew', restarted, { deadlineMs: 60_000 });
    const again = async (): Promise<unknown> => {
      try {
        return await own();
      } catch (error) {
        const logs = await client.logs({ namespace, name: server!.metadata.name }, { container: 'lxcfs' });
        throw new Error(`${String(error)}; lxcfs says:\n${logs}`, { cause: error });
      }
    };
    await waitFor('the files are there again', again, { deadlineMs: 60_000, everyMs: 500 });
    expect(await own()).toEqual({ memory: String(128 * 1024), processors: 1 });
    const now = await client.get<Pod>(resources.pods, { namespace, name: app.metadata.name });
    expect([now.metadata.uid, containerOf(now)?.restartCount]).toEqual([app.metadata.uid, 0]);
  }, 150_000);
});
