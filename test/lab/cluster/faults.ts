import { join } from 'node:path';
import { LabError } from '../lab-error.js';
import { dropPackets, passPackets } from '../network/drop.js';
import { createApiServer, type ApiServer } from './api-server.js';
import type { Controllers } from './controllers.js';
import { ports, type ControlPlaneSpec } from './control-plane-spec.js';
import { etcdUrls, type Etcd } from './etcd.js';
import type { NodeFaults } from '../node/lab-node.js';
import type { ClusterFaults } from './lab-cluster.js';

const outside = { name: 'lab_api_server', interface: 'eth0', port: ports.apiServer } as const;
const secondToEtcd = { name: 'lab_second_etcd', interface: 'lo', port: ports.secondEtcd } as const;

export function createFaults(
  spec: ControlPlaneSpec,
  etcd: Etcd,
  apiServer: ApiServer,
  controllers: Controllers,
): Omit<ClusterFaults, keyof NodeFaults> {
  const { cluster, networkNamespace } = spec;
  let second: { readonly server: ApiServer; readonly kubeconfig: string } | undefined;
  let snapshots = 0;

  const signal = (server: ApiServer, name: 'SIGSTOP' | 'SIGCONT'): Promise<void> => {
    server.process()?.signal(name);
    return Promise.resolve();
  };
  const drop = (packets: typeof outside | typeof secondToEtcd): Promise<void> => {
    dropPackets(networkNamespace, packets);
    return Promise.resolve();
  };
  const pass = ({ name }: typeof outside | typeof secondToEtcd): Promise<void> => {
    passPackets(networkNamespace, name);
    return Promise.resolve();
  };

  return {
    killApiServer: () => apiServer.kill(),
    startApiServer: () => apiServer.start(),
    pauseApiServer: () => signal(apiServer, 'SIGSTOP'),
    resumeApiServer: () => signal(apiServer, 'SIGCONT'),
    dropApiServer: () => drop(outside),
    passApiServer: () => pass(outside),

    async secondApiServer() {
      if (second !== undefined) return second.kubeconfig;
      const url = `https://${spec.address}:${ports.secondApiServer}`;
      const admin = { user: 'lab-admin', groups: ['system:masters'] };
      const kubeconfig = await spec.certificates.writeKubeconfig('second-admin.conf', admin, url);
      const server = createApiServer(
        { ...spec, apiServerFlags: [...spec.apiServerFlags, '--endpoint-reconciler-type=none'] },
        { name: 'second-kube-apiserver', port: ports.secondApiServer, etcdUrl: etcdUrls.second, kubeconfig },
      );
      await server.start();
      second = { server, kubeconfig };
      return kubeconfig;
    },
    freezeSecondApiServer() {
      if (second === undefined)
        throw new LabError(`${cluster} has no second API server`, 'call secondApiServer() first');
      return drop(secondToEtcd);
    },
    thawSecondApiServer: () => pass(secondToEtcd),

    stopEtcd: () => etcd.kill(),
    startEtcd: () => etcd.start(),
    async compactEtcd() {
      await etcd.compact();
    },
    async saveEtcdSnapshot() {
      snapshots += 1;
      const file = join(spec.folder, `snapshot-${snapshots}.db`);
      await etcd.saveSnapshot(file);
      return file;
    },
    async restoreEtcdSnapshot(snapshot) {
      const servers = [apiServer, ...(second === undefined ? [] : [second.server])];
      await Promise.all([...servers.map((server) => server.kill()), controllers.kill()]);
      await etcd.kill();
      await etcd.restoreSnapshot(snapshot);
      await etcd.start();
      await Promise.all(servers.map((server) => server.start()));
      // What they had seen would be a future that is gone: they would never act on it again.
      await controllers.start();
    },
  };
}
