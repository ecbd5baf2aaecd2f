// A small app of real pods: what the constructs make of it, applied as a release does.
import { synthApp, type ManifestObject, type YouzanAppProps } from '../../../constructs/index.js';
import { parseAppYaml } from '../../../src/app-yaml/index.js';
import { type KubeClient, resources } from '../../../src/kube/index.js';
import { scale } from '../../../src/release/index.js';
import { resourceTypeOf } from '../../../src/release/resource-type.js';
import { references } from '../images/lab-images.js';
import { waitFor } from '../processes/wait.js';
import { type Pod, readyPods } from './pods.js';

const namespace = 'default';

/** Answers on its port, and uses all the CPU that it may have when it is told to. */
const program = `require('http').createServer((_, r) => r.end()).listen(8030);
if (process.env.BUSY) setInterval(() => { const end = Date.now() + 40; while (Date.now() < end); }, 50);`;

/** Its props in namespace `default` of a cluster. */
export function smallApp(name: string, cluster: string, more: object = {}): YouzanAppProps {
  const text = [
    `name: ${name}`,
    'kind: node',
    'stack: youzanyun-debian12',
    'runtime: node-20',
    `entrypoint: ${JSON.stringify(['node', '-e', program])}`,
    'ports: { http: 8030, manage: 8001 }',
    'hooks: { preload: false, online: false, offline: false, drainSeconds: 0 }',
    'resources: { requests: { cpu: 20m, memory: 32Mi }, limits: { cpu: 60m, memory: 128Mi } }',
  ].join('\n');
  const spec = parseAppYaml(text, { file: `${name}/app.yaml` });
  const place = { idc: 'bc', cluster, env: 'prod', namespace };
  return { spec, image: references.node, version: '1.0.0', publishDeadlineSeconds: 0, ...place, ...more };
}

export const podsOfApp = (name: string): string => `youzan.com/app=${name}`;

export async function applyAll(client: KubeClient, objects: readonly ManifestObject[]): Promise<void> {
  for (const object of objects)
    await client.apply(resourceTypeOf(object)!, object, { fieldManager: 'youzan-kube-release' });
}

/** So many ready pods of an app. */
export async function deploy(client: KubeClient, props: YouzanAppProps, replicas: number): Promise<readonly Pod[]> {
  await applyAll(client, synthApp(props).objects);
  const { name } = props.spec;
  await scale({ client, namespace, name, replicas });
  return readyPods(client, namespace, podsOfApp(name), replicas);
}

/** Resolves when its pods are gone. */
export async function removeApp(client: KubeClient, name: string): Promise<void> {
  await client.delete(resources.deployments, { namespace, name }, { propagationPolicy: 'Background' });
  const gone = async (): Promise<boolean> => {
    const { items } = await client.list(resources.pods, { namespace, labelSelector: podsOfApp(name) });
    return items.length === 0;
  };
  await waitFor(`the pods of ${name} are gone`, gone, { deadlineMs: 60_000 });
}
