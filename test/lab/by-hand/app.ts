// An app of which everything is made by hand: a Service that no controller fills, its EndpointSlice, and pods that no
// node runs. So a test says itself when a pod is ready, ending or gone.
import { youzanConventions } from '../../../src/conventions/index.js';
import { isKubeError, type KubeClient, type KubeObject, resources } from '../../../src/kube/index.js';
import { serviceAccounts } from '../accounts/service-account.js';
import { waitFor } from '../processes/wait.js';

const { labels: keys } = youzanConventions;
const finalizer = 'youzan.com/test';

export type EndpointState = 'ready' | 'not-ready' | 'terminating';

export interface HandMadeApp {
  readonly namespace: string;
  /** `{app}.http` */
  readonly upstream: string;
  /** Makes a pod with this address, in the slice from now on. */
  add(ip: string, state?: EndpointState): Promise<void>;
  set(ip: string, state: EndpointState): Promise<void>;
  /** Deletes the pod, which stays terminating until it is `remove`d. */
  end(ip: string): Promise<void>;
  /** The pod is gone, and out of the slice. */
  remove(ip: string): Promise<void>;
  /** Takes endpoints out of the slice and leaves the pods alone. */
  hide(...ips: readonly string[]): Promise<void>;
  deleteService(): Promise<void>;
}

interface Endpoint {
  readonly uid: string;
  readonly state: EndpointState;
}

/** Makes the namespace and the Service of an app. */
export async function handMadeApp(client: KubeClient, namespace: string, app: string): Promise<HandMadeApp> {
  const labels = { [keys.app]: app, [keys.color]: 'stable' };
  const endpoints = new Map<string, Endpoint>();
  const podName = (ip: string): string => `${app}-${ip.replaceAll('.', '-')}`;

  const writeSlice = async (): Promise<void> => {
    const slice: KubeObject = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: app, namespace, labels: { ...labels, 'kubernetes.io/service-name': app } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8030, protocol: 'TCP' }],
      endpoints: [...endpoints].map(([ip, { uid, state }]) => ({
        addresses: [ip],
        conditions: {
          ready: state === 'ready',
          serving: state !== 'not-ready',
          terminating: state === 'terminating',
        },
        targetRef: { kind: 'Pod', namespace, name: podName(ip), uid },
      })),
    };
    await client.apply(resources.endpointSlices, slice, { fieldManager: 'by-hand', force: true });
  };
  const put = async (ip: string, state: EndpointState): Promise<void> => {
    const endpoint = endpoints.get(ip);
    if (endpoint === undefined) throw new Error(`${app} has no ${ip}`);
    endpoints.set(ip, { ...endpoint, state });
    await writeSlice();
  };
  const makePod = (ip: string): Promise<KubeObject> =>
    client.create<KubeObject>(resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: podName(ip), namespace, labels, finalizers: [finalizer] },
      spec: {
        schedulerName: 'nobody',
        automountServiceAccountToken: false,
        containers: [{ name: 'app', image: 'registry.example/app:1' }],
      },
    });

  await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await client.create(resources.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: app, namespace, labels },
    spec: { ports: [{ name: 'http', port: 8030 }] },
  });
  await untilPodsAreTaken(client, namespace);
  return {
    namespace,
    upstream: `${app}.http`,
    async add(ip, state = 'ready') {
      const { metadata } = await makePod(ip);
      endpoints.set(ip, { uid: metadata.uid ?? '', state });
      await writeSlice();
    },
    set: put,
    async end(ip) {
      await client.delete(resources.pods, { namespace, name: podName(ip) });
      await put(ip, 'terminating');
    },
    async remove(ip) {
      const ref = { namespace, name: podName(ip) };
      await client.patch(resources.pods, ref, { metadata: { finalizers: null } });
      await client.delete(resources.pods, ref).catch((error: unknown) => {
        if (!isKubeError(error, 'KUBE_NOT_FOUND')) throw error;
      });
      endpoints.delete(ip);
      await writeSlice();
    },
    async hide(...ips) {
      for (const ip of ips) endpoints.delete(ip);
      await writeSlice();
    },
    async deleteService() {
      await client.delete(resources.services, { namespace, name: app });
    },
  };
}

/** Pods are refused until the namespace has its service account. */
async function untilPodsAreTaken(client: KubeClient, namespace: string): Promise<void> {
  const look = async (): Promise<boolean> =>
    (await client.get(serviceAccounts, { namespace, name: 'default' })).metadata.name !== '';
  await waitFor(`the service account default of ${namespace}`, look, { deadlineMs: 20_000 });
}
