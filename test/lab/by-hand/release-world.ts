import { createYz7Gateway, type Gateway } from '../../../src/gateways/index.js';
import { createK8sSync } from '../../../src/k8s-sync/index.js';
import { type KubeClient, type KubeObject, resources } from '../../../src/kube/index.js';
import { isDeployment } from '../../../src/release/deployment.js';
import { planRelease, type ReleaseResult, runRelease } from '../../../src/release/index.js';
import { type EmbeddedYz7, startEmbeddedYz7 } from '../../../src/testing/index.js';
import { app, bundle, type BundleChange } from '../../release/bundle.js';
import { serviceAccounts } from '../accounts/service-account.js';
import type { LabCluster } from '../cluster/lab-cluster.js';
import { references } from '../images/lab-images.js';
import { waitFor } from '../processes/wait.js';
import { quick } from './sync-world.js';

export interface ReleaseChange extends BundleChange {
  readonly progressDeadlineMs?: number;
  readonly graceSeconds?: number;
}

function withGrace(object: KubeObject, graceSeconds: number): KubeObject {
  if (!isDeployment(object)) return object;
  const { spec } = object;
  const podSpec = { ...(spec.template['spec'] as object), terminationGracePeriodSeconds: graceSeconds };
  return { ...object, spec: { ...spec, template: { ...spec.template, spec: podSpec } } };
}

/** Releases of one app into a namespace of its own in a real cluster, with a gateway. */
export class ReleaseWorld {
  /** What the releases told, a line each. */
  readonly told: string[] = [];
  readonly #ends: (() => Promise<unknown>)[] = [];
  readonly #yz7: EmbeddedYz7;
  readonly #gateway: Gateway;

  private constructor(
    readonly cluster: LabCluster,
    readonly namespace: string,
    yz7: EmbeddedYz7,
  ) {
    this.#yz7 = yz7;
    this.#ends.push(() => yz7.stop());
    this.#gateway = this.#open();
  }

  static async start(cluster: LabCluster, admin: KubeClient, namespace: string): Promise<ReleaseWorld> {
    await admin.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const account = async (): Promise<boolean> =>
      (await admin.get(serviceAccounts, { namespace, name: 'default' })).metadata.name !== '';
    await waitFor(`the service account default of ${namespace}`, account, { deadlineMs: 20_000 });
    return new ReleaseWorld(cluster, namespace, await startEmbeddedYz7({ name: 'bc-1', idc: cluster.idc }));
  }

  /** Throws what the release throws. */
  async release(client: KubeClient, version: string, change: ReleaseChange = {}): Promise<ReleaseResult> {
    const { name, idc } = this.cluster;
    const { progressDeadlineMs = 20_000, graceSeconds = 1, container = {} } = change;
    const made = bundle(name, version, {
      minReadySeconds: 1,
      idc,
      ...change,
      container: { image: references.busybox, ...container },
    });
    const objects = made.objects.map((object): KubeObject => {
      const metadata = { ...object.metadata, namespace: this.namespace };
      return withGrace({ ...object, metadata }, graceSeconds);
    });
    const plan = planRelease({
      app,
      version,
      bundles: [{ ...made, namespace: this.namespace, objects }],
      policy: { progressDeadlineMs, publishDeadlineMs: 1000, minSuccessTimeMs: 0 },
    });
    return await runRelease({
      plan,
      connections: new Map([[name, client]]),
      gateways: [this.#gateway],
      onEvent: ({ message }) => this.told.push(message),
    });
  }

  async startSync(client: KubeClient): Promise<void> {
    const { namespace } = this;
    const sync = createK8sSync({
      cluster: client,
      idc: this.cluster.idc,
      gateways: [this.#open()],
      namespace,
      lease: { namespace, name: 'k8s-sync' },
      ...quick,
    });
    this.#ends.push(() => sync.stop());
    await sync.start();
  }

  async servers(): Promise<string[]> {
    const { name, idc } = this.cluster;
    const content = await this.#gateway.readSource(`${app}.http`, `k8s.${idc}.${name}`);
    return (content?.servers ?? []).map(({ ip, state }) => `${ip} ${state}`);
  }

  async end(): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
  }

  #open(): Gateway {
    const { name, idc, adminUrl: url, token } = this.#yz7;
    const gateway = createYz7Gateway({ name, idc, url, token });
    this.#ends.push(() => gateway.close());
    return gateway;
  }
}
