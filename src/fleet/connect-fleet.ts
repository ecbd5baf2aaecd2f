import { homedir } from 'node:os';
import { join } from 'node:path';
import { createKubeClient, credentialsFromKubeconfig, credentialsInCluster, type KubeClient } from '../kube/index.js';
import type { Fleet } from './fleet.js';
import { clustersOf } from './select.js';

/** A connection to each cluster, each alone: what fails in one is seen by its own calls only. */
export interface FleetConnections {
  /** In the fleet's order. */
  readonly clients: ReadonlyMap<string, KubeClient>;
  /** @throws RangeError for a cluster that was not connected. */
  client(cluster: string): KubeClient;
  close(): Promise<void>;
}

export interface ConnectFleetOptions {
  /** These clusters only. Default: all. */
  readonly only?: readonly string[];
  /** The cluster that this process is a pod of: its service account is used there, and no kubeconfig. Default: none. */
  readonly inCluster?: string;
}

/**
 * Makes a client for each cluster. Nothing is read or opened before a client's first call, whose error then names its
 * cluster and no other.
 *
 * @example
 * const connections = connectFleet(fleet, { only: ['bc-a'] });
 */
export function connectFleet(fleet: Fleet, { only, inCluster }: ConnectFleetOptions = {}): FleetConnections {
  const clients = new Map(
    clustersOf(fleet, only).map(({ name, kubeconfig, context }) => {
      const file = kubeconfig ?? process.env['KUBECONFIG'] ?? join(homedir(), '.kube', 'config');
      const credentials =
        name === inCluster
          ? credentialsInCluster({ cluster: name })
          : credentialsFromKubeconfig({ cluster: name, file, context: context ?? name });
      return [name, createKubeClient({ name, credentials })];
    }),
  );
  return {
    clients,
    client(cluster) {
      const client = clients.get(cluster);
      if (client === undefined)
        throw new RangeError(`${cluster} is not among the connected clusters: ${[...clients.keys()].join(', ')}`);
      return client;
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}
