import { afterAll } from 'vitest';
import { startApiServer, type ApiServer } from '../../../src/testing/cluster/api-server.js';
import { createStore } from '../../../src/testing/cluster/memory-store.js';
import { kubernetesContract } from './suite.js';

let server: ApiServer | undefined;

kubernetesContract(
  async () => {
    server = await startApiServer({ store: createStore(), clusterName: 'contract', bookmarkIntervalMs: 50 });
    return server;
  },
  {
    name: 'the embedded cluster',
    expire: () => {
      server?.faults.expire();
      return Promise.resolve();
    },
  },
);

afterAll(() => server?.stop());
