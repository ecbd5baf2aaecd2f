import { appendFileSync } from 'node:fs';
import type { ManifestObject } from 'youzan-kube/constructs';
import { startEmbeddedCluster } from '../../testing/index.js';
import { packageRoot } from '../package-root.js';

/** What a platform is asked for. */
export interface PlatformRequest {
  readonly idc: string;
  readonly clusters: readonly string[];
  /** Folder of the demo, which ends with it; the pods may write into it. */
  readonly folder: string;
  /** The file that the pods append their events to, inside `folder`. */
  readonly traceFile: string;
  readonly signal: AbortSignal;
}

/** One cluster that the demo runs on, with the fault that it needs. */
export interface PlatformCluster {
  readonly kubeconfig: string;
  /** From now on the API server can't be reached: connections hang. */
  partition(): Promise<void> | void;
  heal(): Promise<void> | void;
  /** How many writes the API server took or refused so far, Leases and the cluster's own components not counted. */
  writes(): Promise<number> | number;
}

export interface RunningPlatform {
  readonly clusters: ReadonlyMap<string, PlatformCluster>;
  readonly image: (version: string) => string;
  /** An object as this platform's pods need it. Default: as it is. */
  readonly adapt?: (object: ManifestObject) => ManifestObject;
  stop(): Promise<void>;
}

/** Where the demo's clusters come from: embedded ones, or any others that keep these promises. */
export interface Platform {
  readonly name: string;
  /** Milliseconds that the whole demo may take. */
  readonly deadlineMs: number;
  start(request: PlatformRequest): Promise<RunningPlatform>;
}

/** Clusters in this process, pods as local processes. */
export const embeddedPlatform: Platform = {
  name: 'embedded',
  deadlineMs: 150_000,
  async start({ clusters: names, traceFile }) {
    const clusters = new Map<string, PlatformCluster>();
    const ends: (() => Promise<void>)[] = [];
    const stop = async (): Promise<void> => {
      await Promise.all(ends.splice(0).map((end) => end()));
    };
    try {
      for (const name of names) {
        const embedded = await startEmbeddedCluster({
          name,
          workdir: packageRoot(),
          env: { YOUZAN_TRACE: traceFile },
          onEvent: (event) => {
            if (event.type === 'pod-ready') appendFileSync(traceFile, `${event.uid}|kubelet|ready\n`);
          },
        });
        ends.push(() => embedded.stop());
        const { kubeconfig, faults } = embedded;
        clusters.set(name, {
          kubeconfig,
          partition: () => faults.partition(),
          heal: () => faults.heal(),
          writes: () => faults.writes().filter(({ resource }) => resource !== 'leases').length,
        });
      }
    } catch (error) {
      await stop();
      throw error;
    }
    return { clusters, image: (version) => `registry.example/trade-core:${version}`, stop };
  },
};
