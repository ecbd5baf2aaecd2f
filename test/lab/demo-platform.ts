// `npm run demo -- --lab`: the demo's steps on two real clusters of two nodes, its pods real ones on the flat network.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManifestObject } from '../../constructs/index.js';
import type { Platform, PlatformCluster } from '../../src/cli/demo/platform.js';
import { youzanConventions } from '../../src/conventions/index.js';
import {
  createKubeClient,
  createReflector,
  credentialsFromKubeconfig,
  type KubeObject,
  resources,
} from '../../src/kube/index.js';
import { buildBinary } from './binaries/build.js';
import { namedPlaces } from './binaries/locate.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { references } from './images/lab-images.js';
import { LabError } from './lab-error.js';
import { startLab } from './lab/start.js';
import { missingRequirements } from './requirements.js';

/** The folder that pods see the demo's folder at. */
const mountPath = '/demo';

/** What the demo's own clients write: Leases, and what the cluster's components write, is not in the log. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', verbs: ['get', 'list', 'watch'] },
    { level: 'None', resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }] },
    { level: 'None', userGroups: ['system:nodes', 'system:serviceaccounts'] },
    {
      level: 'None',
      users: ['system:kube-controller-manager', 'system:kube-scheduler', 'system:apiserver', 'system:kube-proxy'],
    },
    { level: 'Metadata' },
  ],
};

interface PodTemplateSpec {
  volumes?: object[];
  containers: { volumeMounts?: object[]; env?: object[] }[];
}

/** Pods append their events to the demo's own trace file: the nodes share this machine's file system. */
function withTrace(folder: string): (object: ManifestObject) => ManifestObject {
  return (object) => {
    if (object.kind !== 'Deployment') return object;
    const changed = structuredClone(object) as ManifestObject & { spec: { template: { spec: PodTemplateSpec } } };
    const { spec } = changed.spec.template;
    spec.volumes = [...(spec.volumes ?? []), { name: 'demo', hostPath: { path: folder, type: 'Directory' } }];
    for (const container of spec.containers) {
      container.volumeMounts = [...(container.volumeMounts ?? []), { name: 'demo', mountPath }];
      container.env = [...(container.env ?? []), { name: 'YOUZAN_TRACE', value: `${mountPath}/trace` }];
    }
    return changed;
  };
}

interface Pod extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Appends `kubelet ready` when a pod of the app gets ready for the first time, as the embedded kubelet does. Gives its end. */
function traceReadiness(name: string, kubeconfig: string, traceFile: string): () => Promise<void> {
  const client = createKubeClient({
    name,
    credentials: credentialsFromKubeconfig({ cluster: name, text: kubeconfig }),
  });
  const seen = new Set<string>();
  const reflector = createReflector<string>({
    client,
    type: resources.pods,
    labelSelector: youzanConventions.labels.app,
    decode: (object) => {
      const { metadata, status } = object as Pod;
      const ready = (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');
      const { uid = '' } = metadata;
      if (ready && !seen.has(uid)) {
        seen.add(uid);
        appendFileSync(traceFile, `${uid}|kubelet|ready\n`);
      }
      return uid;
    },
    onEvents: () => undefined,
  });
  reflector.start();
  return async () => {
    await reflector.stop();
    await client.close();
  };
}

function platformCluster(cluster: LabCluster, auditLog: string): PlatformCluster {
  return {
    kubeconfig: readFileSync(cluster.kubeconfig, 'utf8'),
    partition: () => cluster.dropApiServer(),
    heal: () => cluster.passApiServer(),
    writes: () => (existsSync(auditLog) ? readFileSync(auditLog, 'utf8').split('\n').length - 1 : 0),
  };
}

export const demoPlatform: Platform = {
  name: 'lab',
  deadlineMs: 300_000,
  async start({ idc, clusters: names, folder, traceFile }) {
    const missing = missingRequirements();
    if (missing.length > 0) throw new LabError(`the lab can't run here:\n  ${missing.join('\n  ')}`);
    const say = (line: string): void => void process.stderr.write(`lab: ${line}\n`);
    if (namedPlaces().length === 0) await buildBinary('kubernetes', say);
    const policyFile = join(folder, 'audit-policy.json');
    writeFileSync(policyFile, JSON.stringify(auditPolicy));
    const auditLog = (name: string): string => join(folder, `audit-${name}.log`);
    const specOf = (name: string) => ({
      idc,
      nodes: 2,
      apiServerFlags: [`--audit-policy-file=${policyFile}`, `--audit-log-path=${auditLog(name)}`],
    });
    const clusters = Object.fromEntries(names.map((name) => [name, specOf(name)]));
    const lab = await startLab({ clusters, say });
    const running = new Map(names.map((name) => [name, platformCluster(lab.cluster(name), auditLog(name))]));
    const ends = [...running].map(([name, { kubeconfig }]) => traceReadiness(name, kubeconfig, traceFile));
    return {
      clusters: running,
      image: () => references.node,
      adapt: withTrace(folder),
      async stop() {
        await Promise.all(ends.map((end) => end()));
        lab.stop();
      },
    };
  },
};
