import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { YouzanKubeError } from '../../conventions/error.js';
import { startApiServer, type ApiServer } from './api-server.js';
import { startControllers } from './controllers/controllers.js';
import type { ApiFaults } from './faults.js';
import { hostAddress, randomSubnet } from './kubelet/addresses.js';
import { createKubelet, type Kubelet, type KubeletFaults } from './kubelet/kubelet.js';
import type { PodEvent, PodInfo } from './kubelet/pod-worker.js';
import { startReaper } from './kubelet/reaper.js';
import { createStore, type MemoryStore } from './memory-store.js';

export interface EmbeddedClusterOptions {
  /** The cluster's name; also its kubeconfig context. */
  readonly name: string;
  /** Kubernetes version that the API reports. Default `v1.34.4`. */
  readonly version?: string;
  /** Working directory of every pod's processes. Default `process.cwd()`. */
  readonly workdir?: string;
  /** Number of nodes. Default 1. */
  readonly nodes?: number;
  /** `topology.kubernetes.io/zone` of the nodes, and so of the endpoints. Default the cluster's name. */
  readonly zone?: string;
  /** Further variables for every pod's processes. */
  readonly env?: Readonly<Record<string, string>>;
  /** First wait of `CrashLoopBackOff` in milliseconds; doubles up to five minutes. Default 10,000. */
  readonly restartBackoffMs?: number;
  /** Called synchronously right after the kubelet has written the status that the event names. */
  onEvent?(event: PodEvent): void;
  /** Something in a controller or the kubelet threw; it is tried again. Default: nothing is done. */
  onError?(error: unknown): void;
}

/** A Kubernetes cluster of local processes. */
export interface EmbeddedCluster {
  readonly name: string;
  /** `https://127.a.b.1:6443`. */
  readonly url: string;
  /** Admin kubeconfig as JSON, which is YAML. */
  readonly kubeconfig: string;
  /** Ways to break its API server, and what that server was asked to write. */
  readonly faults: ApiFaults;
  /** Ways to break its nodes. */
  readonly nodeFaults: KubeletFaults;
  /** The pods that have a worker on this machine. */
  pods(): PodInfo[];
  /**
   * Ends the cluster: leaves no process, file or port. Pods are killed; with `graceSeconds` they first get that long
   * for preStop and TERM. Safe to call twice.
   */
  stop(options?: { readonly graceSeconds?: number }): Promise<void>;
}

const apiPort = 6443;
const tries = 20;

interface Served {
  readonly api: ApiServer;
  readonly kubelet: Kubelet;
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

/**
 * Starts a Kubernetes cluster inside this process: the API over TLS on an address of its own in 127.0.0.0/8,
 * controllers for Deployments, ReplicaSets, EndpointSlices and nodes, and a kubelet that runs each pod's command as a
 * local process on an address of the same /24. Pods end with the cluster, also when this process is killed.
 *
 * Linux only. One container a pod; no images, volumes or DNS: a pod that needs them waits with a message in its status.
 *
 * @example
 * const cluster = await startEmbeddedCluster({ name: 'bc-a' });
 * await writeFile('kubeconfig', cluster.kubeconfig);
 * await cluster.stop();
 * @throws YouzanKubeError `EMBEDDED_CLUSTER_NO_ADDRESS` when every address that was tried is taken.
 */
export async function startEmbeddedCluster(options: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
  const { name, version = 'v1.34.4' } = options;
  const clusterId = randomUUID();
  const folder = mkdtempSync(join(tmpdir(), `youzan-kube-${name}-`));
  const reaper = startReaper(clusterId, folder);
  const store = createStore();
  try {
    const { api, kubelet } = await serve(options, store, clusterId, folder, version);
    const controllers = startControllers({ store, onError: (_controller, _key, error) => options.onError?.(error) });
    kubelet.start();
    let stopping: Promise<void> | undefined;
    const end = async (graceMs: number): Promise<void> => {
      await api.stop();
      controllers.stop();
      await kubelet.stop(graceMs);
      await reaper.reap();
    };
    return {
      name,
      url: api.url,
      kubeconfig: api.kubeconfig,
      faults: api.faults,
      nodeFaults: kubelet.faults,
      pods: () => kubelet.pods(),
      stop: ({ graceSeconds = 0 } = {}) => (stopping ??= end(graceSeconds * 1_000)),
    };
  } catch (error) {
    await reaper.reap();
    throw error;
  }
}

/** An API server and a kubelet on a /24 that no other cluster of this machine has. */
async function serve(
  options: EmbeddedClusterOptions,
  store: MemoryStore,
  clusterId: string,
  folder: string,
  version: string,
): Promise<Served> {
  const { name, zone = name, nodes = 1 } = options;
  for (let tried = 0; tried < tries; tried += 1) {
    const subnet = randomSubnet();
    const kubelet = createKubelet({
      store,
      subnet,
      nodes: Array.from({ length: nodes }, (_, index) => ({ name: `${name}-node-${index + 1}`, zone, version })),
      clusterId,
      folder,
      workdir: options.workdir ?? process.cwd(),
      environment: options.env ?? {},
      restartBackoffMs: options.restartBackoffMs ?? 10_000,
      onEvent: (event) => options.onEvent?.(event),
      onError: (error) => options.onError?.(error),
    });
    try {
      const { runtime } = kubelet;
      const host = hostAddress(subnet);
      const api = await startApiServer({ store, runtime, host, port: apiPort, clusterName: name, version });
      return { api, kubelet };
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  throw new YouzanKubeError('EMBEDDED_CLUSTER_NO_ADDRESS', `no free address of 127.0.0.0/8 after ${tries} tries`, {
    path: name,
    hint: `end other embedded clusters, or the programs that listen on port ${apiPort}`,
  });
}
