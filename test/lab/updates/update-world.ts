import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthApp } from '../../../constructs/index.js';
import { parseAppYaml } from '../../../src/app-yaml/index.js';
import { isYouzanKubeError, type YouzanKubeError, youzanConventions } from '../../../src/conventions/index.js';
import { createYz7Gateway, type Gateway } from '../../../src/gateways/index.js';
import type { SyncPhase } from '../../../src/k8s-sync/index.js';
import { type KubeClient, resources } from '../../../src/kube/index.js';
import { awaitPublished } from '../../../src/publish/index.js';
import { planRelease, runRelease } from '../../../src/release/index.js';
import type { SyncerOrder } from '../by-hand/syncer-process.js';
import { locateBinaries } from '../binaries/locate.js';
import type { LabCluster } from '../cluster/lab-cluster.js';
import { references } from '../images/lab-images.js';
import { clientOf, isReady, podsOf, readyPods } from '../node/pods.js';
import { waitFor } from '../processes/wait.js';
import { Child, plainScript, script } from './child.js';
import { freePorts, type GatewayKind, GatewayProcess } from './gateway-process.js';
import { Load } from './load.js';
import { type EndpointSlice, servingIn } from './removals.js';

const namespace = 'default';
const idc = 'bc';
export const replicas = 4;
const file = new URL('../../../examples/demo/app.yaml', import.meta.url);
const spec = parseAppYaml(readFileSync(file, 'utf8'), { file: 'examples/demo/app.yaml' });
const { labels } = youzanConventions;
const selector = `${labels.app}=${spec.name}`;
const policy = { minSuccessTimeMs: 0, progressDeadlineMs: 120_000, publishDeadlineMs: 3000 };

/** As `prober.mjs` says it. */
export interface Removal {
  readonly at: string;
  readonly gateway: string;
  readonly ip: string;
  readonly verdict: string;
}

/** A syncer says other things, too. */
const phases: readonly string[] = ['syncing', 'live', 'suspect', 'frozen', 'expired'] satisfies readonly SyncPhase[];

const epochOf = ({ lines }: Child): number =>
  Number(lines.findLast((line) => line.startsWith('epoch '))?.slice('epoch '.length) ?? 0);

/** An app of real pods in a real cluster, two syncers and two gateways that can be killed, load through both, and a witness. */
export class UpdateWorld {
  readonly #ends: (() => unknown)[] = [];
  readonly cluster: LabCluster;
  /** By the second API server, which no fault touches. */
  readonly admin: KubeClient;
  readonly gateways: readonly GatewayProcess[];
  readonly load: Load;
  /** One leads, the other stands by. */
  readonly syncers: readonly Child[];
  readonly #prober: Child;
  readonly #writers: readonly Gateway[];
  readonly #releaser: KubeClient;

  private constructor(cluster: LabCluster, second: string, gateways: readonly GatewayProcess[], token: string) {
    this.cluster = cluster;
    this.gateways = gateways;
    this.#writers = gateways.map(({ name, url }) => createYz7Gateway({ name, idc, url, token }));
    this.admin = clientOf({ ...cluster, kubeconfig: second });
    this.#releaser = clientOf(cluster);
    for (const opened of [...this.#writers, this.admin, this.#releaser]) this.#ends.push(() => opened.close());
    const order: SyncerOrder = {
      cluster: cluster.name,
      idc,
      kubeconfig: cluster.kubeconfig,
      namespace,
      wholeCluster: true,
      gateways: gateways.map(({ name, url }) => ({ name, url, token })),
      renewMs: 2000,
    };
    const syncer = new URL('../by-hand/syncer-process.ts', import.meta.url);
    this.syncers = [1, 2].map(() => new Child([...script(syncer), JSON.stringify(order)]));
    const upstream = `${spec.name}.http`;
    this.load = new Load(
      gateways.map(({ dataUrl }) => dataUrl),
      upstream,
    );
    const { kubectl } = locateBinaries();
    const look = {
      gateways: gateways.map(({ name, url }) => ({ name, url, token })),
      upstream,
      source: `k8s.${idc}.${cluster.name}`,
      namespace,
      kubectl: [...kubectl, '--kubeconfig', second],
    };
    this.#prober = new Child([...plainScript(new URL('prober.mjs', import.meta.url)), JSON.stringify(look)]);
  }

  static async start(cluster: LabCluster, kind: GatewayKind): Promise<UpdateWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-updates-'));
    const token = 'of-a-test';
    const gateways: GatewayProcess[] = [];
    for (const name of ['bc-1', 'bc-2'])
      gateways.push(
        new GatewayProcess(kind, { name, idc, folder: join(folder, name), token, ports: await freePorts() }),
      );
    const world = new UpdateWorld(cluster, await cluster.secondApiServer(), gateways, token);
    world.#ends.unshift(() => rmSync(folder, { recursive: true, force: true }));
    for (const gateway of gateways) {
      await gateway.start();
      world.#ends.push(() => gateway.kill());
    }
    for (const syncer of world.syncers) {
      syncer.start();
      world.#ends.push(() => syncer.kill());
    }
    await world.untilSyncerIs('live');
    const problem = await world.update('1.0.0');
    if (problem !== undefined) throw problem;
    world.load.start();
    world.#prober.start();
    world.#ends.push(
      () => world.#prober.kill(),
      () => world.load.stop(),
    );
    return world;
  }

  /** Releases a version. A fault may fail that, safely: gives why. */
  async update(version: string): Promise<YouzanKubeError | undefined> {
    const { name } = this.cluster;
    const bundle = synthApp({
      spec,
      image: references.node,
      version,
      idc,
      cluster: name,
      env: 'prod',
      namespace,
      publishDeadlineSeconds: policy.publishDeadlineMs / 1000,
    });
    try {
      await runRelease({
        plan: planRelease({ app: spec.name, version, bundles: [{ ...bundle, replicas }], policy }),
        connections: new Map([[name, this.#releaser]]),
        gateways: this.#writers,
      });
      return undefined;
    } catch (error) {
      if (!isYouzanKubeError(error)) throw error;
      return error;
    }
  }

  /** The syncer that leads, as far as they have said. */
  get leader(): Child {
    const [one, other] = this.syncers as [Child, Child];
    return epochOf(other) > epochOf(one) ? other : one;
  }

  /** The one that leads is in this phase. */
  async untilSyncerIs(phase: SyncPhase): Promise<void> {
    const now = (): boolean => {
      const last = this.leader.lines.findLast((line) => phases.includes(line));
      return epochOf(this.leader) > 0 && last === phase;
    };
    try {
      await waitFor(`the syncer is ${phase}`, () => Promise.resolve(now()), { deadlineMs: 90_000 });
    } catch (error) {
      console.error(this.syncers.map(({ pid, lines }) => `syncer ${pid} said: ${lines.join(', ')}`).join('\n'));
      throw error;
    }
  }

  /** What the witness has said: which servers went out of traffic, and what was the matter with each. */
  get removals(): readonly Removal[] {
    return this.#prober.lines.map((line) => JSON.parse(line) as Removal);
  }

  /** A pod of the version is there, and others have yet to come. */
  async untilUnderWay(version: string): Promise<void> {
    const look = async (): Promise<boolean> =>
      (await podsOf(this.admin, namespace, `${selector},${labels.version}=${version}`)).length > 0;
    await waitFor(`a pod of ${version}`, look, { deadlineMs: 60_000, everyMs: 100 });
  }

  /** The controllers follow again what the API server has: after a break they come back one by one, within a minute. */
  async untilControllersAct(): Promise<void> {
    const name = `probe-${randomUUID()}`;
    await this.admin.create(resources.services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { selector: { [labels.app]: spec.name }, ports: [{ port: 80 }] },
    });
    const slices = { namespace, labelSelector: `kubernetes.io/service-name=${name}` };
    // The Service and the pods are watched apart, and each watch comes back in its own time.
    const look = async (): Promise<boolean> => {
      const ready = (await podsOf(this.admin, namespace, selector)).filter(isReady);
      const { items } = await this.admin.list<EndpointSlice>(resources.endpointSlices, slices);
      const known = items.flatMap(servingIn);
      return ready.every(({ metadata }) => metadata.deletionTimestamp != null || known.includes(metadata.uid ?? ''));
    };
    await waitFor('slices with every ready pod, of a new Service', look, { deadlineMs: 120_000, everyMs: 200 });
    await this.admin.delete(resources.services, { namespace, name });
  }

  /** All pods are ready, and each gateway serves exactly them. */
  async untilSettled(): Promise<void> {
    await readyPods(this.admin, namespace, selector, replicas, 120_000);
    const scope = { client: this.admin, idc, cluster: this.cluster.name, namespace, app: spec.name };
    await awaitPublished({ ...scope, gateways: this.#writers, deadlineMs: 60_000 });
  }

  async end(): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
  }
}
