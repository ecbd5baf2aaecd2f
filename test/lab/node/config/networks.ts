import type { NodePlace } from '../node-place.js';
import type { Multus } from '../node-spec.js';
import { interfaces, paths } from '../paths.js';

const cniVersion = '0.4.0';
const text = (value: unknown): string => JSON.stringify(value, undefined, 2);

/** One macvlan interface on the IDC's layer 2, with an address that everyone there reaches without NAT. */
const macvlan = ({ pods }: NodePlace, routes: readonly object[]): object => ({
  type: 'macvlan',
  master: interfaces.uplink,
  mode: 'bridge',
  ipam: {
    type: 'host-local',
    dataDir: paths.addressRecords,
    ranges: [[{ subnet: pods.subnet, rangeStart: pods.start, rangeEnd: pods.end }]],
    routes,
  },
});

/** macvlan as the pods' primary network. Only services are routed, through the node; nothing leaves the lab. */
export const podNetwork = (place: NodePlace, serviceRange: string): string =>
  text({ cniVersion, name: 'idc', plugins: [macvlan(place, [{ dst: serviceRange, gw: place.address }])] });

/** A network that only the cluster's own nodes know: each pod's cable ends at its node, which routes. */
const routedNetwork = ({ routedPods }: NodePlace): object => ({
  cniVersion,
  name: 'routed',
  plugins: [
    {
      type: 'ptp',
      ipam: {
        type: 'host-local',
        dataDir: paths.addressRecords,
        ranges: [[{ subnet: routedPods }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
});

/** The routed network for every pod, and Multus to add those that a pod's annotation names. */
export const multusNetwork = (place: NodePlace, { kubeconfig }: Multus, plugins: string): string =>
  text({
    cniVersion,
    name: 'multus',
    type: 'multus',
    kubeconfig,
    binDir: plugins,
    cniDir: paths.multusState,
    confDir: paths.furtherNetworkConfigs,
    logLevel: 'error',
    logFile: '/var/log/multus.log',
    delegates: [routedNetwork(place)],
  });

/** The name of the NetworkAttachmentDefinition, and of each node's config for it: its addresses are the node's. */
export const secondNetworkName = 'macvlan';

/** macvlan as a second network: everything but its own layer 2 goes the way of the first. */
export const secondNetwork = (place: NodePlace): string =>
  text({ cniVersion, name: secondNetworkName, ...macvlan(place, []) });
