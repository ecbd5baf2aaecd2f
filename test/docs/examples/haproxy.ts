import { createHaproxyGateway, type Server } from 'youzan-kube';

/** Writes one server, as the syncer does. */
export async function writeOnce(socket: string, map: string, server: Server): Promise<string> {
  const gateway = createHaproxyGateway({ name: 'haproxy-bc', idc: 'bc', socket, map });
  const source = 'k8s.bc.bc-a';
  try {
    await gateway.claim(source, { generation: String(1n << 32n), writer: 'me' });
    const generation = String((1n << 32n) + 1n);
    const { digest } = await gateway.putSource({ upstream: 'trade-core.http', source, generation, servers: [server] });
    return digest;
  } finally {
    await gateway.close();
  }
}
