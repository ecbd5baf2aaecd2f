import { interfaces } from '../paths.js';

/** KubeProxyConfiguration as JSON. */
export function kubeProxyConfig(node: { readonly name: string }, kubeconfig: string): string {
  return JSON.stringify(
    {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      clientConnection: { kubeconfig },
      hostnameOverride: node.name,
      mode: 'nftables',
      bindAddress: '0.0.0.0',
      healthzBindAddress: '127.0.0.1:10256',
      metricsBindAddress: '127.0.0.1:10249',
      oomScoreAdj: 0,
      // A pod answers a neighbour on its layer 2 directly; only through the node does the answer find its way back.
      nftables: { masqueradeAll: true },
      // The tables belong to the host's kernel.
      conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
      // No traffic counts as a pod's own: pods do not come through an interface of the node.
      detectLocalMode: 'InterfaceNamePrefix',
      detectLocal: { interfaceNamePrefix: `no-${interfaces.node}` },
    },
    undefined,
    2,
  );
}
