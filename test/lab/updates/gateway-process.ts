import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../processes/wait.js';
import { Child, script } from './child.js';

/** The embedded gateway, or the reference gateway: real nginx. */
export type GatewayKind = 'embedded' | 'nginx';

const path = (below: string): string => fileURLToPath(new URL(`../../../${below}`, import.meta.url));

const commands: Readonly<Record<GatewayKind, (place: GatewayPlace) => readonly string[]>> = {
  embedded: ({ name, idc, folder, token, ports: [admin, data] }) => [
    ...script(new URL('../../../src/testing/yz7/main.ts', import.meta.url)),
    ...['--name', name, '--idc', idc, '--store', folder, '--token', token],
    ...['--admin-port', String(admin), '--data-port', String(data)],
  ],
  nginx: ({ name, idc, folder, token, ports: [admin, data] }) => {
    const tokens = join(folder, 'tokens.json');
    writeFileSync(tokens, JSON.stringify([{ token, sources: ['*'] }]), { mode: 0o600 });
    return [
      ...['sh', path('examples/yz7-nginx/start.sh'), '--name', name, '--idc', idc, '--dir', folder],
      ...['--tokens', tokens, '--admin-port', String(admin), '--data-port', String(data)],
    ];
  },
};

interface GatewayPlace {
  readonly name: string;
  readonly idc: string;
  readonly folder: string;
  readonly token: string;
  /** Of the admin API and of the requests. */
  readonly ports: readonly [number, number];
}

/** A gateway as processes of its own, which keeps its store and its ports when they are killed and started again. */
export class GatewayProcess {
  readonly name: string;
  readonly url: string;
  readonly dataUrl: string;
  readonly #child: Child;

  constructor(kind: GatewayKind, place: GatewayPlace) {
    const [admin, data] = place.ports;
    this.name = place.name;
    this.url = `http://127.0.0.1:${admin}`;
    this.dataUrl = `http://127.0.0.1:${data}`;
    mkdirSync(place.folder, { recursive: true });
    this.#child = new Child(commands[kind](place));
  }

  async start(): Promise<void> {
    this.#child.start();
    const isReady = async (): Promise<boolean> => (await fetch(`${this.url}/readyz`)).ok;
    await waitFor(`the gateway ${this.name} is ready`, isReady, { deadlineMs: 20_000 });
  }

  kill(): Promise<void> {
    return this.#child.kill();
  }
}

/** Two ports that nobody has. */
export async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()] as const;
  const ports = servers.map(
    (server) =>
      new Promise<number>((resolve, reject) => {
        server.on('error', reject).listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
      }),
  );
  const [admin = 0, data = 0] = await Promise.all(ports);
  for (const server of servers) server.close();
  return [admin, data];
}
