import { upstreamName } from '../conventions/index.js';
import { serverAddress, serverKey } from '../members/index.js';
import type { PodView, PublishScope, ServiceView } from './observation.js';

/** A server that must serve, since its pod is ready. */
export interface ExpectedServer {
  readonly upstream: string;
  readonly color: string;
  readonly sc: string;
  readonly ip: string;
  readonly port: number;
  readonly uid: string;
  readonly pod: string;
  /** `ip:port`. */
  readonly address: string;
}

/** `upstream|ip:port|uid`: what one server is, wherever it stands. */
export function placeOf(
  upstream: string,
  server: { readonly ip: string; readonly port: number; readonly uid: string },
): string {
  return `${upstream}|${serverKey(server)}`;
}

/** What the Services and their ready pods call for, by {@link placeOf}. */
export function expectedServers(
  scope: PublishScope,
  services: readonly ServiceView[],
  pods: readonly PodView[],
): ReadonlyMap<string, ExpectedServer> {
  const expected = new Map<string, ExpectedServer>();
  for (const service of services) {
    for (const pod of pods) {
      const ip = (service.network === undefined ? pod.ip : pod.networkAddresses?.[service.network]) ?? '';
      if (ip === '' || !mayServe(pod, scope) || !selects(service, pod)) continue;
      for (const { role, target } of service.ports) {
        const port = typeof target === 'number' ? target : pod.ports[target];
        if (port === undefined) continue;
        const { uid } = pod;
        const upstream = upstreamName(scope.app, role);
        const { color, sc } = service;
        const address = serverAddress({ ip, port });
        expected.set(placeOf(upstream, { ip, port, uid }), {
          upstream,
          color,
          sc,
          ip,
          port,
          uid,
          pod: pod.name,
          address,
        });
      }
    }
  }
  return expected;
}

function mayServe(pod: PodView, { templateHash }: PublishScope): boolean {
  return pod.ready && !pod.terminating && (templateHash === undefined || pod.templateHash === templateHash);
}

export function selects(service: ServiceView, pod: PodView): boolean {
  const entries = Object.entries(service.selector);
  return entries.length > 0 && entries.every(([key, value]) => pod.labels[key] === value);
}
