// The reflector and a real API server that fails in every way: in the end it tells what the server has, no less, no more.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createKubeClient,
  createReflector,
  credentialsFromKubeconfig,
  type KubeClient,
  type KubeObject,
  type Reflector,
  type ReflectorEvent,
  type ReflectorTimings,
  resources,
} from '../../src/kube/index.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { useLab } from './use-lab.js';

const namespace = 'kube-reflector';
const wait = { timeout: 40_000, interval: 100 };
/** Quick to notice, so that no test waits for the defaults. */
const quick: Partial<ReflectorTimings> = { idleMs: 4000, backoffMaxMs: 1000 };

const textOf = (object: KubeObject): string => (object['data'] as { readonly text: string }).text;

/** A reflector, and what somebody who follows its events knows. */
class Follower {
  readonly told: ReflectorEvent<string>[] = [];
  readonly reflector: Reflector;
  #known = new Map<string, string>();

  constructor(client: KubeClient, timings: Partial<ReflectorTimings> = quick) {
    this.reflector = createReflector<string>({
      client,
      type: resources.configMaps,
      namespace,
      labelSelector: 'reflected',
      decode: textOf,
      onEvents: (events) => {
        for (const event of events) this.#take(event);
      },
      timings,
    });
    this.reflector.start();
  }

  get known(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#known);
  }

  ends(): string[] {
    return this.told.flatMap((event) => (event.type === 'disconnected' ? [event.error?.code ?? 'none'] : []));
  }

  count(type: ReflectorEvent<string>['type']): number {
    return this.told.filter((event) => event.type === type).length;
  }

  #take(event: ReflectorEvent<string>): void {
    this.told.push(event);
    if (event.type === 'replaced') this.#known = new Map(event.items);
    else if (event.type === 'upserted') this.#known.set(event.key, event.item);
    else if (event.type === 'removed') this.#known.delete(event.key);
  }
}

describe('a reflector on a real API server', () => {
  let cluster: LabCluster;
  let folder: string;
  /** What the followers read; it may come to name the other server. */
  let kubeconfig: string;
  let secondKubeconfig: string;
  /** By the second API server, so that something happens while the first can't be reached. */
  let writer: KubeClient;
  const followers: Follower[] = [];
  const clients: KubeClient[] = [];
  let made = 0;

  const open = (file: string): KubeClient => {
    const credentials = credentialsFromKubeconfig({ cluster: cluster.name, file });
    const client = createKubeClient({ name: cluster.name, credentials });
    clients.push(client);
    return client;
  };
  const follow = async (timings = quick): Promise<Follower> => {
    const follower = new Follower(open(kubeconfig), timings);
    followers.push(follower);
    await vi.waitFor(() => expect(follower.reflector.hasSynced).toBe(true), wait);
    return follower;
  };
  const configMap = (name: string, text: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: { reflected: 'true' } },
    data: { text },
  });
  /** Makes three, changes one, deletes one: names are never used twice. */
  const writeSome = async (by: KubeClient): Promise<void> => {
    const names = [1, 2, 3].map(() => `made-${(made += 1)}`);
    for (const name of names) await by.create(resources.configMaps, configMap(name, 'first'));
    await by.replace(resources.configMaps, configMap(names[0]!, 'second'));
    await by.delete(resources.configMaps, { namespace, name: names[1]! });
  };
  const atServer = async (client: KubeClient): Promise<Readonly<Record<string, string>>> => {
    const { items } = await client.list(resources.configMaps, { namespace, labelSelector: 'reflected' });
    return Object.fromEntries(items.map((item) => [`${namespace}/${item.metadata.name}`, textOf(item)]));
  };
  const knowsAll = (follower: Follower, client = writer): Promise<void> =>
    vi.waitFor(async () => expect(follower.known).toEqual(await atServer(client)), wait);

  beforeAll(async () => {
    ({ 'kube-reflector': cluster } = await useLab({ 'kube-reflector': { idc: 'bd' } }));
    secondKubeconfig = await cluster.secondApiServer();
    writer = createKubeClient({
      name: 'second',
      credentials: credentialsFromKubeconfig({ cluster: 'second', file: secondKubeconfig }),
    });
    await writer.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  });
  afterAll(() => writer.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'youzan-kube-reflector-'));
    kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, readFileSync(cluster.kubeconfig));
  });
  afterEach(async () => {
    await Promise.all(followers.splice(0).map(({ reflector }) => reflector.stop()));
    await Promise.all(clients.splice(0).map((client) => client.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  it('tells every event in order while nothing fails, without a second list', async () => {
    const follower = await follow();
    for (let round = 0; round < 5; round += 1) await writeSome(writer);
    await knowsAll(follower);
    expect(follower.count('replaced')).toBe(1);
    expect(follower.count('upserted')).toBe(5 * 4);
    expect(follower.count('removed')).toBe(5);
  });

  it.each<[string, keyof LabCluster & `${string}ApiServer`, keyof LabCluster & `${string}ApiServer`]>([
    ['killed and started', 'killApiServer', 'startApiServer'],
    ['paused and resumed', 'pauseApiServer', 'resumeApiServer'],
    ['cut off and back', 'dropApiServer', 'passApiServer'],
  ])('knows all that happened when the API server was %s', async (_, fail, mend) => {
    const follower = await follow();
    await writeSome(writer);
    await knowsAll(follower);
    await cluster[fail]();
    await writeSome(writer);
    await vi.waitFor(() => expect(follower.ends()).not.toEqual([]), wait);
    await writeSome(writer);
    const blind = follower.known;
    await cluster[mend]();
    await knowsAll(follower);
    expect(follower.known).not.toEqual(blind);
    await writeSome(writer);
    await knowsAll(follower);
  });

  it('goes through a pause that is shorter than its patience without a break', async () => {
    const follower = await follow();
    await cluster.pauseApiServer();
    await writeSome(writer);
    await cluster.resumeApiServer();
    await knowsAll(follower);
    expect(follower.ends()).toEqual([]);
    expect(follower.count('replaced')).toBe(1);
  });

  it('lists anew at once when what it has seen was compacted away', async () => {
    const follower = await follow();
    await writeSome(writer);
    await knowsAll(follower);
    await cluster.killApiServer();
    await writeSome(writer);
    await writer.delete(resources.configMaps, { namespace, name: `made-${made}` });
    await cluster.compactEtcd();
    await cluster.startApiServer();
    await knowsAll(follower);
    expect(follower.ends().at(-1)).toBe('KUBE_GONE');
    expect(follower.count('replaced')).toBe(2);
  });

  it.each([
    // The servers' own writes at their start take the resourceVersion past what was lost.
    ['a few', 1],
    ['many', 60],
  ])('keeps nothing of a future that was lost when etcd was restored, after %s writes', async (_, rounds) => {
    const follower = await follow();
    await writeSome(writer);
    const snapshot = await cluster.saveEtcdSnapshot();
    for (let round = 0; round < rounds; round += 1) await writeSome(writer);
    await knowsAll(follower);
    const lost = `${namespace}/made-${made}`;
    expect(follower.known).toHaveProperty([lost]);
    await cluster.restoreEtcdSnapshot(snapshot);
    await knowsAll(follower);
    expect(follower.known).not.toHaveProperty([lost]);
    await writeSome(writer);
    await knowsAll(follower);
  });

  // A server that is behind what was seen opens the watch, ends it in good order, and says nothing, not even a bookmark.
  it('lists anew after a silence that several watches took part in', async () => {
    const timings = { ...quick, idleMs: 8000, serverTimeoutMinMs: 4000, serverTimeoutMaxMs: 4000 };
    const follower = await follow(timings);
    const snapshot = await cluster.saveEtcdSnapshot();
    for (let round = 0; round < 60; round += 1) await writeSome(writer);
    await knowsAll(follower);
    await cluster.restoreEtcdSnapshot(snapshot);
    const lists = follower.count('replaced');
    await vi.waitFor(() => expect(follower.count('replaced')).toBeGreaterThan(lists), { ...wait, timeout: 20_000 });
  });

  describe('with a second API server that has fallen behind', () => {
    /** The followers' next connection goes to the other server. */
    const switchServer = (): void => writeFileSync(kubeconfig, readFileSync(secondKubeconfig));

    afterEach(async () => {
      await cluster.thawSecondApiServer();
    });

    it('takes its watch up there without going back, and goes on when it has caught up', async () => {
      const first = open(cluster.kubeconfig);
      const follower = await follow();
      await cluster.freezeSecondApiServer();
      await writeSome(first);
      await knowsAll(follower, first);
      const before = follower.known;
      switchServer();
      await cluster.killApiServer();
      await vi.waitFor(() => expect(follower.ends()).not.toEqual([]), wait);
      const connectedBefore = follower.count('connected');
      await vi.waitFor(() => expect(follower.count('connected')).toBeGreaterThan(connectedBefore), wait);
      expect(follower.known).toEqual(before);
      await cluster.thawSecondApiServer();
      await cluster.startApiServer();
      await writeSome(first);
      await knowsAll(follower);
    });

    it('believes no list of it before it has caught up', async () => {
      const first = open(cluster.kubeconfig);
      await cluster.freezeSecondApiServer();
      await writeSome(first);
      switchServer();
      const follower = new Follower(open(kubeconfig));
      followers.push(follower);
      await vi.waitFor(() => expect(follower.ends()).not.toEqual([]), wait);
      expect(follower.reflector.hasSynced).toBe(false);
      await cluster.thawSecondApiServer();
      await knowsAll(follower);
      expect(follower.count('replaced')).toBe(1);
    });
  });
});
