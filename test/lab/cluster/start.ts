// One cluster: namespace, certificates, etcd, API server, controllers, in the order that they need; nodes when asked for.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from '../binaries/locate.js';
import { writeCertificates } from '../certificates/cluster-files.js';
import { firstServiceAddress, serviceRange, type Addresses } from '../network/addresses.js';
import { makeNamespace, namespacePath } from '../network/namespace.js';
import { nodePlace } from '../node/node-place.js';
import { createNodes } from '../node/nodes.js';
import { startNode } from '../node/start.js';
import { startProcess, type LabProcess, type ProcessSpec } from '../processes/start.js';
import type { Made } from '../lab/record.js';
import { createApiServer } from './api-server.js';
import { ports, type ControlPlaneSpec } from './control-plane-spec.js';
import { createControllers } from './controllers.js';
import { createEtcd, etcdUrls } from './etcd.js';
import { createFaults } from './faults.js';
import type { LabCluster } from './lab-cluster.js';
import { createScale } from './scale.js';
import { installSecondNetwork } from './second-network.js';

export interface ClusterPlace {
  readonly name: string;
  readonly idc: string;
  /** Counted from 1 in its lab. */
  readonly number: number;
  readonly folder: string;
  /** Start of the names of links and namespaces. */
  readonly prefix: string;
  readonly addresses: Addresses;
  readonly binaries: Binaries;
  readonly apiServerFlags: readonly string[];
  /** Multus' program, where the pods have a second network. */
  readonly multus: string | undefined;
  /** Where the nodes' images are; made when first asked for. */
  readonly imageStore: () => Promise<string>;
  /** Notes what is made outside the folder. */
  readonly made: (made: Made) => void;
}

export interface RunningCluster extends LabCluster {
  /** Starts nodes until there are so many. */
  ensureNodes(count: number): Promise<void>;
  /** The same with nodes of KWOK, of which `program` is the path. */
  ensureKwokNodes(count: number, program: string): Promise<void>;
}

export async function startCluster(place: ClusterPlace): Promise<RunningCluster> {
  const { name, number, folder, prefix, addresses, binaries, made } = place;
  const logFolder = join(folder, 'logs');
  mkdirSync(logFolder, { recursive: true, mode: 0o700 });
  const address = addresses.controlPlane(number);
  const namespace = `${prefix}-${name}`;
  const link = `${prefix}c${number}`;
  made({ kind: 'link', name: link });
  made({ kind: 'namespace', name: namespace });
  const network = makeNamespace({
    name: namespace,
    bridge: prefix,
    link,
    address: `${address}/${addresses.prefixLength}`,
  });
  const certificates = await writeCertificates(name, join(folder, 'pki'), [
    address,
    '127.0.0.1',
    firstServiceAddress(number),
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    'localhost',
  ]);
  await network;

  const start = (process: Omit<ProcessSpec, 'logFile'>): LabProcess => {
    const logFile = join(logFolder, `${process.name.replaceAll(' ', '-')}.log`);
    const started = startProcess({ ...process, name: `${name} ${process.name}`, logFile });
    made({ kind: 'process', name: started.name, ...started.identity });
    return started;
  };
  const networkNamespace = namespacePath(namespace);
  const spec: ControlPlaneSpec = {
    cluster: name,
    binaries,
    certificates,
    address,
    networkNamespace,
    serviceRange: serviceRange(number),
    folder,
    apiServerFlags: place.apiServerFlags,
    start: (process) => start({ ...process, networkNamespace }),
  };
  const admin = { user: 'lab-admin', groups: ['system:masters'] };
  const url = `https://${address}:${ports.apiServer}`;
  const kubeconfig = await certificates.writeKubeconfig('admin.conf', admin, url);
  const etcd = createEtcd(spec);
  const apiServer = createApiServer(spec, {
    name: 'kube-apiserver',
    port: ports.apiServer,
    etcdUrl: etcdUrls.first,
    kubeconfig,
  });
  await etcd.start();
  await apiServer.start();
  const controllers = await createControllers(spec, kubeconfig);
  await controllers.start();
  const multus =
    place.multus === undefined
      ? undefined
      : { program: place.multus, kubeconfig: await installSecondNetwork(spec, url, kubeconfig) };
  let scale: ReturnType<typeof createScale> | undefined;
  const nodes = createNodes(name, async (nodeNumber) => {
    const node = nodePlace({ prefix, addresses, cluster: { name, number }, number: nodeNumber });
    return startNode({
      place: node,
      idc: place.idc,
      apiServerUrl: url,
      kubeconfig,
      certificates,
      binaries,
      bridge: prefix,
      serviceRange: spec.serviceRange,
      folder: join(folder, node.name),
      imageStore: await place.imageStore(),
      multus,
      made,
      start,
    });
  });
  const { list, ensure, ...faults } = nodes;
  return {
    name,
    idc: place.idc,
    kubeconfig,
    url,
    logFolder,
    get nodes() {
      return list();
    },
    ...createFaults(spec, etcd, apiServer, controllers),
    ...faults,
    ensureNodes: ensure,
    async ensureKwokNodes(count, program) {
      scale ??= createScale(spec, { number, idc: place.idc, kwok: program, kubeconfig });
      await scale(count);
    },
  };
}
