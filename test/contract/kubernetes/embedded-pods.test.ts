import { startEmbeddedCluster } from 'youzan-kube/testing';
import { createKubeClient, credentialsFromKubeconfig } from '../../../src/kube/index.js';
import { podContract } from './pod-suite.js';

podContract('the embedded cluster', async () => {
  const embedded = await startEmbeddedCluster({ name: 'test-exec' });
  const cluster = 'bc-a';
  const credentials = credentialsFromKubeconfig({ cluster, text: embedded.kubeconfig });
  const client = createKubeClient({ name: cluster, credentials });
  return {
    client,
    cluster,
    image: 'none',
    async stop() {
      await client.close();
      await embedded.stop();
    },
  };
});
