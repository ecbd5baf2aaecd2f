// What a cluster must have for pods to ask for a second network: the API's kind, one network of it, and Multus' rights.
import { readFileSync } from 'node:fs';
import { connectApi, type Json } from '../../contract/kubernetes/client.js';
import { LabError } from '../lab-error.js';
import { secondNetworkName } from '../node/config/networks.js';
import { waitFor } from '../processes/wait.js';
import type { ControlPlaneSpec } from './control-plane-spec.js';

const group = 'k8s.cni.cncf.io';
const plural = 'network-attachment-definitions';
const user = 'lab-multus';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: {
      plural,
      singular: 'network-attachment-definition',
      kind: 'NetworkAttachmentDefinition',
      shortNames: ['net-attach-def'],
    },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { config: { type: 'string' } } } },
          },
        },
      },
    ],
  },
};

// Without a config, each node's own file of that name is taken.
const network = {
  apiVersion: `${group}/v1`,
  kind: 'NetworkAttachmentDefinition',
  metadata: { name: secondNetworkName, namespace: 'default' },
  spec: {},
};

const role = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: user },
  rules: [
    { apiGroups: [group], resources: [plural], verbs: ['get'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
    { apiGroups: [''], resources: ['pods/status'], verbs: ['update'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
  ],
};

const binding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: user },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: user },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
};

/** Installs them and gives Multus' kubeconfig. */
export async function installSecondNetwork(
  { cluster, certificates }: ControlPlaneSpec,
  url: string,
  adminKubeconfig: string,
): Promise<string> {
  const api = connectApi(readFileSync(adminKubeconfig, 'utf8'));
  const create = async (path: string, object: Json): Promise<void> => {
    const { status, text } = await api.post(path, object);
    if (status !== 201) throw new LabError(`${cluster}: could not create ${path}: ${status} ${text}`);
  };
  try {
    await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    await create('/apis/rbac.authorization.k8s.io/v1/clusterroles', role);
    await create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', binding);
    const networks = `/apis/${group}/v1/namespaces/default/${plural}`;
    const served = async (): Promise<boolean> => (await api.get(networks)).status === 200;
    await waitFor(`${plural} of ${cluster} are served`, served, { deadlineMs: 30_000 });
    await create(networks, network);
  } finally {
    api.close();
  }
  return certificates.writeKubeconfig('multus.conf', { user }, url);
}
