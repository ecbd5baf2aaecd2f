// What the embedded cluster's pods keep, asked of real ones: the same cases, the same expectations.
import { podContract } from '../contract/kubernetes/pod-suite.js';
import { references } from './images/lab-images.js';
import { clientOf } from './node/pods.js';
import { useLab } from './use-lab.js';

podContract('Kubernetes 1.34', async () => {
  const { 'bc-a': cluster } = await useLab({ 'bc-a': { idc: 'bc', nodes: 2 } });
  const client = clientOf(cluster);
  return { client, cluster: cluster.name, image: references.busybox, stop: () => client.close() };
});
