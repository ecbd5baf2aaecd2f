// The contract that the embedded cluster keeps, asked of real Kubernetes: the same cases, the same expectations.
import { readFileSync } from 'node:fs';
import { kubernetesContract } from '../contract/kubernetes/suite.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { useLab } from './use-lab.js';

let cluster: LabCluster | undefined;

kubernetesContract(
  async () => {
    ({ contract: cluster } = await useLab({ contract: { idc: 'bd' } }));
    return { kubeconfig: readFileSync(cluster.kubeconfig, 'utf8') };
  },
  {
    name: 'Kubernetes 1.34',
    // A server keeps events in memory that etcd has forgotten; one that has restarted doesn't.
    async expire() {
      await cluster?.compactEtcd();
      await cluster?.killApiServer();
      await cluster?.startApiServer();
    },
  },
);
