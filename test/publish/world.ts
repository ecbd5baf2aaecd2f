import type { Member, Server } from '../../src/members/index.js';
import type { GatewayView, PodView, PublishObservation, PublishScope, ServiceView } from '../../src/publish/index.js';

export const scope: PublishScope = { namespace: 'default', app: 'trade-core' };

export const service: ServiceView = {
  name: 'trade-core',
  color: 'stable',
  sc: '',
  selector: { app: 'trade-core', color: 'stable' },
  ports: [{ role: 'http', target: 'http' }],
};

export function pod(number: number, change: Partial<PodView> = {}): PodView {
  return {
    name: `trade-core-${number}`,
    uid: `uid-${number}`,
    ip: `10.0.0.${number}`,
    ready: true,
    terminating: false,
    templateHash: 'new',
    labels: { app: 'trade-core', color: 'stable' },
    ports: { http: 8030 },
    ...change,
  };
}

export function member({ name, uid, ip, ready, terminating }: PodView): Member {
  return {
    namespace: 'default',
    service: 'trade-core',
    app: 'trade-core',
    role: 'http',
    color: 'stable',
    sc: '',
    ip,
    port: 8030,
    uid,
    pod: name,
    node: 'node-1',
    zone: 'bc',
    ready: ready && !terminating,
    serving: ready,
    terminating,
  };
}

export function server({ ip, uid }: PodView, change: Partial<Server> = {}): Server {
  return { ip, port: 8030, weight: 100, state: 'up', uid, zone: 'bc', labels: { color: 'stable' }, ...change };
}

export function gateway(servers: readonly Server[], change: Partial<GatewayView> = {}): GatewayView {
  return {
    name: 'bc-1',
    servingWorkers: 2,
    contents: [{ upstream: 'trade-core.http', servers, lagging: [] }],
    ...change,
  };
}

/** Two pods, published everywhere. */
export function observation(change: Partial<PublishObservation> = {}): PublishObservation {
  const pods = [pod(1), pod(2)];
  return {
    scope,
    services: [service],
    workloads: [{ name: 'trade-core', color: 'stable', sc: '', replicas: 2, observed: true }],
    podsBefore: pods,
    podsAfter: pods,
    members: pods.map(member),
    gateways: [gateway(pods.map((one) => server(one)))],
    ...change,
  };
}
