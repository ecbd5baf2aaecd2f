import { setTimeout as delay } from 'node:timers/promises';
import { sourceName, youzanConventions } from '../../src/conventions/index.js';
import { createYz7Gateway, type Gateway } from '../../src/gateways/index.js';
import { createKubeClient, credentialsFromKubeconfig, type KubeClient, resources } from '../../src/kube/index.js';
import { decodeEndpointSlice, membersOfSlices, serverOf } from '../../src/members/index.js';
import {
  type EmbeddedCluster,
  type EmbeddedYz7,
  startEmbeddedCluster,
  startEmbeddedYz7,
} from '../../src/testing/index.js';
import { app, namespace } from './bundle.js';

export const idc = 'bc';

/** A cluster and a plain writer that carries its slices to the gateway: a release needs no syncer of ours. */
export interface TestCluster {
  readonly name: string;
  readonly embedded: EmbeddedCluster;
  readonly client: KubeClient;
  /** App's writes only: Leases are renewed all the time. */
  writes(): string[];
}

export interface TestWorld {
  readonly yz7: EmbeddedYz7;
  readonly gateway: Gateway;
  readonly clusters: readonly TestCluster[];
  readonly connections: ReadonlyMap<string, KubeClient>;
  stop(): Promise<void>;
}

export async function startWorld(names: readonly string[]): Promise<TestWorld> {
  const ending = new AbortController();
  const yz7 = await startEmbeddedYz7({ name: 'bc-1', idc });
  const connect = (): Gateway => createYz7Gateway({ name: 'bc-1', idc, url: yz7.adminUrl, token: yz7.token });
  const gateway = connect();
  const writer = connect();
  const clusters = await Promise.all(
    names.map(async (name): Promise<TestCluster> => {
      const embedded = await startEmbeddedCluster({ name });
      const credentials = credentialsFromKubeconfig({ cluster: name, text: embedded.kubeconfig });
      const writes = (): string[] => embedded.faults.writes().map(({ method, resource }) => `${method} ${resource}`);
      return { name, embedded, client: createKubeClient({ name, credentials }), writes };
    }),
  );
  const carriers = clusters.map(({ name, client }) => carry(name, client, writer, ending.signal));
  return {
    yz7,
    gateway,
    clusters,
    connections: new Map(clusters.map(({ name, client }) => [name, client])),
    async stop() {
      ending.abort();
      await Promise.all(carriers);
      await Promise.all([gateway.close(), writer.close(), ...clusters.map(({ client }) => client.close())]);
      await Promise.all([yz7.stop(), ...clusters.map(({ embedded }) => embedded.stop())]);
    },
  };
}

async function carry(cluster: string, client: KubeClient, gateway: Gateway, signal: AbortSignal): Promise<void> {
  const source = sourceName(idc, cluster);
  const upstream = `${app}.http`;
  await gateway.claim(source, { generation: '1', writer: 'test' });
  for (let generation = 2; !signal.aborted;) {
    try {
      const { items } = await client.list(resources.endpointSlices, { namespace, signal });
      const slices = items
        .map((item) => decodeEndpointSlice(item, youzanConventions))
        .filter((slice) => slice !== undefined);
      const servers = membersOfSlices(slices)
        .filter(({ ready, terminating }) => ready || terminating)
        .map((member) => serverOf(member, member.terminating ? 'drain' : 'up'));
      const force = { reason: 'test', actor: 'test' };
      await gateway.putSource({ upstream, source, generation: String(generation), servers, force }, { signal });
      generation += 1;
    } catch {
      // Refused on purpose by a test; the next turn tries again.
    }
    await delay(30, undefined, { signal }).catch(() => undefined);
  }
}
