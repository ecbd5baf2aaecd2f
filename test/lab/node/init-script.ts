import type { NodePlace } from './node-place.js';
import { interfaces } from './paths.js';

/** Files under /proc/sys that the kubelet sets for the whole machine. It gets copies. */
const kernelSettings = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/** Made in the node's folder when all is in place. */
export const initDone = 'init-done';

/**
 * What a node's process 1 does, in mount, pid, UTS and network namespaces of its own. Its folder holds `lib` and `log`,
 * which become /var/lib and /var/log. `routes` lead to pods that are not on the layer 2. At the end it only reaps: a shell that waits takes every orphan's exit.
 */
export function initScript(
  folder: string,
  place: NodePlace,
  serviceRange: string,
  routes: NodePlace['neighbours'] = [],
): string {
  const { node, uplink } = interfaces;
  return `set -eu
mount --make-rshared /
mount --bind ${folder}/lib /var/lib
mount --bind ${folder}/log /var/log
mount -t tmpfs -o mode=755 tmpfs /run
mount --bind ${folder}/resolv.conf /etc/resolv.conf
for setting in ${kernelSettings.join(' ')}; do
  copy=${folder}/sys/$setting
  mkdir -p "\${copy%/*}"
  cat "/proc/sys/$setting" >"$copy"
  mount --bind "$copy" "/proc/sys/$setting"
done
hostname ${place.name}

ip link set lo up
ip link set ${uplink} up
ip link add ${node} link ${uplink} type macvlan mode bridge
ip address add ${place.address}/${place.prefixLength} dev ${node}
ip link set ${node} up
ip route add ${serviceRange} dev ${node}
${routes.map(({ routedPods, address }) => `ip route add ${routedPods} via ${address} dev ${node}\n`).join('')}\
echo 1 >/proc/sys/net/ipv4/ip_forward
for each in all default ${node}; do
  echo 0 >/proc/sys/net/ipv4/conf/$each/rp_filter
  echo 0 >/proc/sys/net/ipv4/conf/$each/send_redirects
done
touch ${folder}/${initDone}
sleep infinity &
wait $!
`;
}
