import type { Random } from '../random.js';
import type { Timeline } from '../timeline.js';
import { ClusterApi, type Objects, type Pod } from './api.js';
import { type App, apps } from './apps.js';
import { SliceController } from './slices.js';

const nodes = ['node-1', 'node-2', 'node-3'];
const addresses = 14;
const lookMs = 400;

interface Deployment {
  readonly app: App;
  replicas: number;
  /** UIDs of pods of an older version, which are to be replaced. */
  readonly old: Set<string>;
}

/** One cluster: its API, and everything that happens to its pods: deployments, kubelets, nodes, addresses. */
export class Cluster {
  readonly api: ClusterApi;
  readonly slices: SliceController;
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #deployments: readonly Deployment[];
  readonly #nodesDown = new Set<string>();
  /** Pods that never come back: their addresses were given to others. */
  readonly #robbed = new Set<string>();
  #count = 0;
  #backup: Objects | undefined;
  #isHealed = false;

  constructor(
    timeline: Timeline,
    random: Random,
    name: string,
    private readonly network: string,
  ) {
    this.#timeline = timeline;
    this.#random = random;
    this.api = new ClusterApi(name);
    this.slices = new SliceController(timeline, random, this.api, apps, (node) => !this.#nodesDown.has(node));
    this.#deployments = apps.map((app) => ({ app, replicas: random.between(1, 4), old: new Set() }));
  }

  start(): void {
    for (const deployment of this.#deployments) {
      this.api.setService(deployment.app.service, true);
      this.#look(deployment);
    }
  }

  // What users do.

  scale(): void {
    const deployment = this.#random.pick(this.#deployments);
    if (deployment !== undefined) deployment.replicas = this.#random.chance(0.25) ? 0 : this.#random.between(1, 5);
  }

  rollOut(): void {
    const deployment = this.#random.pick(this.#deployments);
    for (const { uid } of deployment === undefined ? [] : this.#podsOf(deployment.app)) deployment?.old.add(uid);
  }

  /** Deletes an app with its Service, in either order, or brings it back. */
  removeOrBringBack(): void {
    const deployment = this.#random.pick(this.#deployments);
    if (deployment === undefined) return;
    const { service } = deployment.app;
    if (!this.api.services.has(service)) {
      this.api.setService(service, true);
      deployment.replicas = this.#random.between(1, 4);
      return;
    }
    const serviceAfterMs = this.#random.between(0, 4000);
    this.#timeline.after(this.#random.between(0, 4000), () => (deployment.replicas = 0));
    this.#timeline.after(serviceAfterMs, () => {
      if (!this.#isHealed) this.api.setService(service, false);
    });
  }

  // What happens to pods and nodes.

  flap(): void {
    const pod = this.#anyPod(({ ready }) => ready);
    if (pod !== undefined) this.#unready(pod);
  }

  /** A whole workload turns not ready at once, with pods that live on. */
  flapTogether(): void {
    const deployment = this.#random.pick(this.#deployments);
    for (const pod of deployment === undefined ? [] : this.#podsOf(deployment.app)) this.#unready(pod);
  }

  forceDelete(): void {
    const pod = this.#anyPod(() => true);
    if (pod !== undefined) this.#gone(pod.uid);
  }

  fail(): void {
    const pod = this.#anyPod(({ deleting }) => !deleting);
    if (pod === undefined) return;
    this.#change(pod.uid, { finished: true, ready: false, serving: false });
    this.#timeline.after(this.#random.between(3000, 15_000), () => this.#gone(pod.uid));
  }

  repack(): void {
    const deployment = this.#random.pick(this.#deployments);
    if (deployment !== undefined) this.slices.repack(deployment.app.service);
  }

  loseNodes(forMs: number): void {
    const lost = this.#random.chance(0.6) ? nodes : nodes.slice(0, this.#random.between(1, 2));
    for (const node of lost) this.#nodesDown.add(node);
    this.slices.lookAtAll();
    this.#timeline.after(forMs, () => this.#nodesBack());
    if (this.#random.chance(0.4)) this.#timeline.after(this.#random.between(500, 4000), () => this.#rob());
  }

  // etcd.

  takeBackup(): void {
    this.#backup = this.api.backup();
    // Much else is written in a cluster: after a restore it takes long until the version is where it was.
    this.api.version += 1000;
  }

  restore(): void {
    const backup = this.#backup;
    if (backup === undefined || this.#isHealed) return;
    const living = new Set([...this.api.pods.values()].map(({ uid }) => uid));
    this.api.restore(backup);
    this.#backup = undefined;
    for (const pod of this.api.pods.values()) {
      if (pod.deleting || pod.finished)
        this.#timeline.after(this.#random.between(500, 3000), () => this.#gone(pod.uid));
      // Its kubelet starts it anew.
      else if (!living.has(pod.uid)) this.#timeline.after(this.#random.between(100, 1500), () => this.#unready(pod));
      else if (!pod.ready) this.#readySoon(pod.uid);
    }
    this.#timeline.after(this.#random.between(300, 2000), () => this.slices.lookAtAll());
  }

  /** From now on everything becomes well. */
  heal(): void {
    this.#isHealed = true;
    this.#nodesBack();
    for (const deployment of this.#deployments) {
      deployment.old.clear();
      if (!this.api.services.has(deployment.app.service)) deployment.replicas = 0;
    }
    for (const pod of this.api.pods.values()) if (!pod.ready && !pod.deleting) this.#readySoon(pod.uid);
  }

  get healthy(): boolean {
    return [...this.api.pods.values()].every(({ ready, deleting, finished }) => ready && !deleting && !finished);
  }

  #podsOf({ app, color }: App): Pod[] {
    return [...this.api.pods.values()].filter((pod) => pod.app === app && pod.color === color && !pod.finished);
  }

  #anyPod(is: (pod: Pod) => boolean): Pod | undefined {
    return this.#random.pick([...this.api.pods.values()].filter((pod) => is(pod) && !pod.finished));
  }

  #serviceOf(pod: Pod): string {
    return apps.find(({ app, color }) => app === pod.app && color === pod.color)?.service ?? '';
  }

  /** The Deployment's controller: pods as many as wanted, one more while old ones are replaced. */
  #look(deployment: Deployment): void {
    this.#timeline.after(this.#random.between(lookMs / 2, lookMs * 2), () => this.#look(deployment));
    const pods = this.#podsOf(deployment.app).filter(({ deleting }) => !deleting);
    const old = pods.filter(({ uid }) => deployment.old.has(uid));
    const surge = old.length > 0 && deployment.replicas > 0 ? 1 : 0;
    if (pods.length < deployment.replicas + surge) this.#create(deployment.app);
    else if (pods.length > deployment.replicas + surge)
      for (const pod of pods.slice(deployment.replicas + surge)) this.#end(pod);
    else if (surge === 1 && pods.every(({ uid, ready }) => ready || deployment.old.has(uid))) {
      const [first] = old;
      if (first !== undefined) this.#end(first);
    }
  }

  #create(app: App, robbed?: string): void {
    const taken = new Set([...this.api.pods.values()].filter((pod) => !pod.finished).map(({ ip }) => ip));
    const free = Array.from({ length: addresses }, (_, index) => `${this.network}.${index + 1}`);
    const ip = robbed ?? this.#random.pick(free.filter((one) => !taken.has(one)));
    if (ip === undefined) return;
    this.#count += 1;
    const prefix = `${app.service.slice('default/'.length)}-`;
    const ordinals = Array.from({ length: addresses }, (_, index) => `${prefix}${index}`);
    const free_ = ordinals.find((name) => !this.api.pods.has(name));
    const name = app.isStateful && free_ !== undefined ? free_ : `${prefix}p${this.#count}`;
    const uid = `${this.api.name}-u${this.#count}`;
    const node = this.#random.pick(nodes.filter((one) => !this.#nodesDown.has(one))) ?? 'node-1';
    this.api.setPod(
      {
        name,
        uid,
        app: app.app,
        color: app.color,
        ip,
        node,
        ready: false,
        serving: false,
        deleting: false,
        finished: false,
      },
      app.service,
    );
    this.#readySoon(uid);
  }

  #change(uid: string, change: Partial<Pod>): void {
    const pod = [...this.api.pods.values()].find((one) => one.uid === uid);
    if (pod !== undefined) this.api.setPod({ ...pod, ...change }, this.#serviceOf(pod));
  }

  #readySoon(uid: string): void {
    this.#timeline.after(this.#random.between(300, 4000), () => {
      const pod = [...this.api.pods.values()].find((one) => one.uid === uid);
      if (pod === undefined || pod.deleting || pod.finished || pod.ready || this.#robbed.has(uid)) return;
      this.#change(uid, { ready: true, serving: true });
    });
  }

  #unready({ uid }: Pod): void {
    const pod = [...this.api.pods.values()].find((one) => one.uid === uid);
    if (pod === undefined || pod.deleting || pod.finished) return;
    this.#change(uid, { ready: false, serving: false });
    this.#timeline.after(this.#isHealed ? 0 : this.#random.between(0, 6000), () => this.#readySoon(uid));
  }

  /** A graceful end: terminating and serving, then not serving, then gone. */
  #end({ uid }: Pod): void {
    this.#change(uid, { deleting: true, ready: false });
    const servingMs = this.#random.between(200, 3000);
    this.#timeline.after(servingMs, () => this.#change(uid, { serving: false }));
    this.#timeline.after(servingMs + this.#random.between(100, 3000), () => this.#gone(uid));
  }

  #gone(uid: string): void {
    const pod = [...this.api.pods.values()].find((one) => one.uid === uid);
    if (pod !== undefined) this.api.removePod(pod, this.#serviceOf(pod));
  }

  /** The address of a pod on a lost node is given to another one, though the old pod's object stands. */
  #rob(): void {
    const victim = this.#anyPod(
      ({ node, uid, deleting }) => this.#nodesDown.has(node) && !this.#robbed.has(uid) && !deleting,
    );
    const deployment = this.#random.pick(this.#deployments.filter(({ app }) => this.api.services.has(app.service)));
    if (victim === undefined || deployment === undefined || this.#isHealed) return;
    this.#robbed.add(victim.uid);
    this.#change(victim.uid, { ready: false, serving: false });
    this.#create(deployment.app, victim.ip);
  }

  #nodesBack(): void {
    this.#nodesDown.clear();
    for (const uid of this.#robbed) this.#gone(uid);
    this.slices.lookAtAll();
  }
}
