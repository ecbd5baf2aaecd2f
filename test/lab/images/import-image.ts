import { resources, type KubeClient } from '../../../src/kube/index.js';
import type { LabCluster } from '../cluster/lab-cluster.js';
import { paths } from '../node/paths.js';
import { podsOf } from '../node/pods.js';
import { waitFor } from '../processes/wait.js';
import { references } from './lab-images.js';

/** Gives an image to every node's containerd, by a pod of a namespace that is root on the node. */
export async function importImage(
  client: KubeClient,
  { nodes }: LabCluster,
  namespace: string,
  archive: string,
): Promise<void> {
  const command = `chroot /node ctr --address ${paths.containerdSocket} --namespace k8s.io images import ${archive}`;
  for (const { name } of nodes) {
    const pod = `import-${name}-${Date.now()}`;
    await client.create(resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: pod, namespace, labels: { 'image-import': pod } },
      spec: {
        nodeName: name,
        restartPolicy: 'Never',
        containers: [
          {
            name: 'import',
            image: references.busybox,
            command: ['sh', '-c', command],
            securityContext: { privileged: true },
            volumeMounts: [{ name: 'node', mountPath: '/node' }],
          },
        ],
        volumes: [{ name: 'node', hostPath: { path: '/' } }],
      },
    });
    const done = async (): Promise<boolean> => {
      const [found] = await podsOf(client, namespace, `image-import=${pod}`);
      if (found?.status.phase === 'Failed')
        throw new Error(await client.logs({ namespace, name: pod }, { container: 'import' }));
      return found?.status.phase === 'Succeeded';
    };
    await waitFor(`${name} has the image`, done, { deadlineMs: 120_000 });
  }
}
