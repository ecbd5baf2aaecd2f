// A process that hosts a cluster until it is killed; prints the kubeconfig.
import { startEmbeddedCluster } from '../../../src/testing/cluster/index.js';

const { kubeconfig } = await startEmbeddedCluster({ name: process.argv[2] ?? 'test' });
process.stdout.write(kubeconfig);
