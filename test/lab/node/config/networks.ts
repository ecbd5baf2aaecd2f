import type { NodePlace } from '../node-place.js';
import { interfaces, paths } from '../paths.js';

/**
 * The pods' primary network: one macvlan interface on the IDC's layer 2, with an address that everyone there reaches
 * without NAT. Only services are routed, through the node; nothing leaves the lab.
 */
export function podNetwork({ address, pods }: NodePlace, serviceRange: string): string {
  return JSON.stringify(
    {
      cniVersion: '0.4.0',
      name: 'idc',
      plugins: [
        {
          type: 'macvlan',
          master: interfaces.uplink,
          mode: 'bridge',
          ipam: {
            type: 'host-local',
            dataDir: paths.addressRecords,
            ranges: [[{ subnet: pods.subnet, rangeStart: pods.start, rangeEnd: pods.end }]],
            routes: [{ dst: serviceRange, gw: address }],
          },
        },
      ],
    },
    undefined,
    2,
  );
}
