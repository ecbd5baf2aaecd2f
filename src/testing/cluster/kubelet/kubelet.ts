import { join } from 'node:path';
import { recordEvent } from '../controllers/event-recorder.js';
import { getOf, keyOf, kinds, listOf, namespaceAndName, type PodObject } from '../controllers/objects.js';
import { isFinished } from '../controllers/pod-state.js';
import { createWorkLoop } from '../controllers/work-loop.js';
import { ApiError } from '../api-error.js';
import type { PodRuntime } from '../pod-runtime.js';
import type { ClusterStore } from '../store.js';
import { createAddressPool, hostAddress, type Subnet } from './addresses.js';
import type { PodPlace } from './environment.js';
import { readLog, trimLog } from './log-file.js';
import { refusalOf } from './modelled.js';
import { createNodeSwitch } from './node-faults.js';
import { nodeObject, writeNodeReady, type NodeDescription } from './node.js';
import { refusedStatus } from './pod-status.js';
import { startPodWorker, type PodEvent, type PodInfo, type PodWorker } from './pod-worker.js';

const manager = 'kubelet';
const trimEveryMs = 5_000;
const defaultNotReadyAfterMs = 40_000;

export interface KubeletOptions {
  readonly store: ClusterStore;
  readonly subnet: Subnet;
  readonly nodes: readonly Omit<NodeDescription, 'address'>[];
  readonly clusterId: string;
  /** Where each pod gets a folder of its own. */
  readonly folder: string;
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly restartBackoffMs: number;
  onEvent(event: PodEvent): void;
  onError(error: unknown): void;
}

/** Ways to break the nodes of an embedded cluster. A node is named as its Node object; default the first. */
export interface KubeletFaults {
  /**
   * The kubelet stops reporting, starting and ending pods; their processes and probes run on. The node turns NotReady,
   * and its pods with it, after `notReadyAfterMs` (default 40,000, as in a real cluster).
   */
  stopKubelet(node?: string, options?: { readonly notReadyAfterMs?: number }): void;
  /** The node is NotReady at once and all its pods with it: `stopKubelet` without the wait. */
  loseNode(node?: string): void;
  /** The node's kubelet works again and reports what is. */
  startKubelet(node?: string): void;
  /** Sends a signal, default SIGKILL, to the entrypoint of a pod, by its name or UID. False when there is none. */
  killPod(pod: string, signal?: NodeJS.Signals): boolean;
}

export interface Kubelet {
  readonly runtime: PodRuntime;
  readonly faults: KubeletFaults;
  /** Registers the nodes and takes up their pods. */
  start(): void;
  pods(): PodInfo[];
  /** Ends every pod: with a grace through preStop, without one at once. */
  stop(graceMs: number): Promise<void>;
}

/** The kubelet of all nodes of one embedded cluster; nothing happens before `start`. */
export function createKubelet(options: KubeletOptions): Kubelet {
  const { store, subnet, nodes, folder } = options;
  const addresses = createAddressPool(subnet);
  const workers = new Map<string, PodWorker>();
  const names = nodes.map(({ name }) => name);
  let unsubscribe = (): void => undefined;
  let trimming: NodeJS.Timeout | undefined;

  const onNode = (pod: PodObject): boolean => pod.spec.nodeName !== undefined && names.includes(pod.spec.nodeName);
  const loop = createWorkLoop({ reconcile, onError: (_, error) => options.onError(error) });
  const nodeSwitch = createNodeSwitch(store, (node) => {
    for (const worker of workers.values()) if (worker.pod.spec.nodeName === node) worker.publish();
    for (const pod of listOf(store, kinds.pods)) if (pod.spec.nodeName === node) loop.add(keyOf(pod));
    for (const worker of workers.values()) loop.add(keyOf(worker.pod));
  });

  const refuse = (pod: PodObject, reason: string, message: string): void => {
    if (pod.status?.reason === reason) return;
    const status = refusedStatus(pod, reason, message, Date.now());
    store.update(kinds.pods.resource, { ...pod, status }, manager, 'status');
    recordEvent(store, pod, { type: 'Warning', reason, message, component: manager }, Date.now());
  };

  const begin = (pod: PodObject): void => {
    const { uid = '' } = pod.metadata;
    const node = pod.spec.nodeName ?? '';
    const refusal = refusalOf(pod);
    if (refusal !== undefined) {
      refuse(pod, 'NotModelled', refusal);
      return;
    }
    const ip = addresses.take();
    if (ip === undefined) {
      refuse(pod, 'NoAddress', 'every address of the embedded cluster is taken; it has 253');
      return;
    }
    const own = join(folder, uid);
    const place: PodPlace = {
      clusterId: options.clusterId,
      workdir: options.workdir,
      ip,
      hostIp: hostAddress(subnet),
      folder: own,
      stateFolder: join(own, 'state'),
      logFile: join(own, 'log'),
      terminationLog: join(own, 'termination-log'),
    };
    const worker = startPodWorker({
      store,
      pod,
      place,
      extraEnvironment: options.environment,
      restartBackoffMs: options.restartBackoffMs,
      whenWorking: () => nodeSwitch.whenWorking(node),
      isWorking: () => nodeSwitch.isWorking(node),
      onEvent: (event) => options.onEvent(event),
    });
    workers.set(uid, worker);
    void worker.done
      .catch((error: unknown) => options.onError(error))
      .finally(() => {
        workers.delete(uid);
        addresses.giveBack(ip);
      });
  };

  function reconcile(key: string): undefined {
    const [namespace, name] = namespaceAndName(key);
    const pod = getOf(store, kinds.pods, namespace, name);
    for (const worker of workers.values()) {
      const isGone = keyOf(worker.pod) === key && worker.pod.metadata.uid !== pod?.metadata.uid;
      if (isGone && nodeSwitch.isWorking(worker.pod.spec.nodeName ?? '')) worker.terminate(0);
    }
    if (pod === undefined || !onNode(pod) || !nodeSwitch.isWorking(pod.spec.nodeName ?? '')) return;
    const { uid = '', deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
    const worker = workers.get(uid);
    if (deletionTimestamp === undefined) {
      if (worker !== undefined) worker.publish();
      else if (!isFinished(pod)) begin(pod);
      return;
    }
    if (worker !== undefined) worker.terminate(deletionGracePeriodSeconds * 1_000);
    else store.delete(kinds.pods.resource, namespace, name, { gracePeriodSeconds: 0, uid });
  }

  const nodeNamed = (name: string | undefined): string => {
    const node = name ?? names[0] ?? '';
    if (!names.includes(node)) throw new TypeError(`no node "${node}" in the cluster; it has ${names.join(', ')}`);
    return node;
  };
  const workerNamed = (namespace: string, name: string): PodWorker | undefined =>
    workers.get(getOf(store, kinds.pods, namespace, name)?.metadata.uid ?? '');

  return {
    faults: {
      stopKubelet: (node, { notReadyAfterMs = defaultNotReadyAfterMs } = {}) =>
        nodeSwitch.stop(nodeNamed(node), notReadyAfterMs),
      loseNode: (node) => nodeSwitch.stop(nodeNamed(node), 0),
      startKubelet: (node) => nodeSwitch.start(nodeNamed(node)),
      killPod(pod, signal = 'SIGKILL') {
        const worker = [...workers.values()].find(
          ({ pod: { metadata } }) => metadata.uid === pod || metadata.name === pod,
        );
        if (worker?.info().pid === undefined) return false;
        worker.signalEntrypoint(signal);
        return true;
      },
    },
    runtime: {
      async exec(namespace, pod, command, io) {
        const run = workerNamed(namespace, pod)?.exec();
        if (run === undefined) throw new ApiError(500, 'InternalError', `pod "${pod}" has no running container`);
        return (await run(command, io)).code;
      },
      logs(namespace, pod, { tailLines }) {
        const worker = workerNamed(namespace, pod);
        return Promise.resolve(worker === undefined ? '' : readLog(worker.place.logFile, tailLines));
      },
    },
    start() {
      for (const node of nodes) {
        store.create(kinds.nodes.resource, nodeObject({ ...node, address: hostAddress(subnet) }), manager);
        writeNodeReady(store, node.name, true);
      }
      unsubscribe = store.subscribe((event) => {
        if (event.resource.kind === 'Pod' && onNode(kinds.pods.of(event.object))) loop.add(keyOf(event.object));
      });
      const trim = (): void => {
        for (const { place } of workers.values()) trimLog(place.logFile);
      };
      trimming = setInterval(trim, trimEveryMs).unref();
    },
    pods: () => [...workers.values()].map((worker) => worker.info()),
    async stop(graceMs) {
      unsubscribe();
      loop.stop();
      clearInterval(trimming);
      nodeSwitch.dispose();
      const running = [...workers.values()];
      for (const worker of running) worker.terminate(graceMs);
      await Promise.allSettled(running.map(({ done }) => done));
    },
  };
}
