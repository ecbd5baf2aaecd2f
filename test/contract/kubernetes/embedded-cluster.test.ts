import { afterAll } from 'vitest';
import { startEmbeddedCluster, type EmbeddedCluster } from '../../../src/testing/cluster/index.js';
import { kubernetesContract } from './suite.js';

let cluster: EmbeddedCluster | undefined;

kubernetesContract(async () => (cluster = await startEmbeddedCluster({ name: 'contract' })), {
  name: 'the embedded cluster with its controllers',
  expire: () => {
    cluster?.faults.expire();
    return Promise.resolve();
  },
});

afterAll(() => cluster?.stop());
