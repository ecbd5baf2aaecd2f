// Our client and a real API server: who is let in, as whom, and what is said to the others.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createKubeClient,
  createReflector,
  credentialsFromKubeconfig,
  credentialsInCluster,
  type CredentialsSource,
  type KubeClient,
  type ReflectorEvent,
  resources,
  type ResourceType,
} from '../../src/kube/index.js';
import { claimsOf, makeServiceAccount, tokenOf, whoAmI } from './accounts/service-account.js';
import { pemOf, tokenClient, tokenKubeconfig } from './accounts/token-client.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { clientOf } from './node/pods.js';
import { useLab } from './use-lab.js';

const namespace = 'kube-auth';
const account = { namespace, name: 'reader' };
const accountUser = `system:serviceaccount:${namespace}:${account.name}`;
const wait = { timeout: 20_000, interval: 50 };

let cluster: LabCluster;
let admin: KubeClient;
let folder: string;
const clients: KubeClient[] = [];

const open = (credentials: CredentialsSource): KubeClient => {
  const client = createKubeClient({ name: cluster.name, credentials });
  clients.push(client);
  return client;
};
/** A kubeconfig in the test's folder whose user is this. */
function writeKubeconfig(user: object): string {
  const file = join(folder, 'kubeconfig');
  const config = JSON.parse(tokenKubeconfig(cluster, '')) as { users: { name: string }[] };
  writeFileSync(file, JSON.stringify({ ...config, users: [{ name: config.users[0]!.name, user }] }));
  return file;
}

beforeAll(async () => {
  ({ kube: cluster } = await useLab({ kube: { idc: 'bd' } }));
  admin = clientOf(cluster);
  await admin.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await makeServiceAccount(admin, account);
});
afterAll(() => admin.close());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'youzan-kube-auth-'));
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** What each request of our transport went over, as its own socket says. */
interface Sent {
  readonly path: string;
  readonly certificate: string;
  readonly protocol: string | false | null;
}

function recordSent(): { readonly sent: Sent[]; readonly end: () => void } {
  const sent: Sent[] = [];
  const note = (message: unknown): void => {
    const { request, socket } = message as { readonly request: { readonly path: string }; readonly socket: TLSSocket };
    const { subject } = socket.getCertificate() as { readonly subject?: { readonly CN: string } };
    sent.push({ path: request.path, certificate: subject?.CN ?? 'none', protocol: socket.alpnProtocol });
  };
  subscribe('undici:client:sendHeaders', note);
  return { sent, end: () => void unsubscribe('undici:client:sendHeaders', note) };
}

describe('credentials that a real API server takes', () => {
  it('a bearer token', async () => {
    const token = await tokenOf(admin, account);
    const client = tokenClient(cluster, token);
    clients.push(client);
    expect(await whoAmI(client)).toEqual({ user: accountUser, tokenId: claimsOf(token)['jti'] });
  });

  it('a client certificate', async () => {
    expect((await whoAmI(clientOf(cluster))).user).toBe('lab-admin');
  });

  it("a service account's token file, read again when the kubelet has renewed it", async () => {
    // As the kubelet writes a projected volume: the files are links into a folder that is replaced as a whole.
    const mount = (revision: string, token: string): void => {
      mkdirSync(join(folder, revision));
      writeFileSync(join(folder, revision, 'token'), token);
      writeFileSync(join(folder, revision, 'ca.crt'), pemOf(cluster).authority);
      symlinkSync(revision, join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    const [first, second] = [await tokenOf(admin, account), await tokenOf(admin, account)];
    mount('..1', first);
    for (const file of ['token', 'ca.crt']) symlinkSync(join('..data', file), join(folder, file));
    const client = open(credentialsInCluster({ cluster: cluster.name, folder, server: cluster.url }));
    expect((await whoAmI(client)).tokenId).toBe(claimsOf(first)['jti']);
    mount('..2', second);
    expect((await whoAmI(client)).tokenId).toBe(claimsOf(second)['jti']);
  });

  it("an exec plugin's token, and the next one when it has expired", async () => {
    const give = (token: string, goodForMs: number): number => {
      const expiresAt = Date.now() + goodForMs;
      const status = { token, expirationTimestamp: new Date(expiresAt).toISOString() };
      const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status };
      writeFileSync(join(folder, 'credential.json'), JSON.stringify(credential));
      return expiresAt;
    };
    const runs = join(folder, 'runs');
    const script = `echo run >>'${runs}'; cat '${join(folder, 'credential.json')}'`;
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'sh',
      args: ['-c', script],
      interactiveMode: 'Never',
    };
    const [first, second] = [await tokenOf(admin, account), await tokenOf(admin, account)];
    const expiresAt = give(first, 3000);
    const file = writeKubeconfig({ exec });
    const client = open(credentialsFromKubeconfig({ cluster: cluster.name, file }));
    expect((await whoAmI(client)).tokenId).toBe(claimsOf(first)['jti']);
    give(second, 600_000);
    await vi.waitFor(async () => expect((await whoAmI(client)).tokenId).toBe(claimsOf(second)['jti']), wait);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
    expect(readFileSync(runs, 'utf8')).toBe('run\nrun\n');
  });

  it('a client certificate that is rotated while a watch runs: new calls at once, the watch when it is next opened, and no event is lost', async () => {
    const pki = dirname(cluster.kubeconfig);
    const next = 'apiserver-kubelet-client';
    const nextPair = {
      certificate: readFileSync(join(pki, `${next}.crt`), 'utf8'),
      key: readFileSync(join(pki, `${next}.key`), 'utf8'),
    };
    const write = ({ certificate, key }: { readonly certificate: string; readonly key: string }): void => {
      writeFileSync(join(folder, 'client.key'), key);
      writeFileSync(join(folder, 'client.crt'), certificate);
    };
    write(pemOf(cluster));
    const file = writeKubeconfig({ 'client-certificate': 'client.crt', 'client-key': 'client.key' });
    const client = open(credentialsFromKubeconfig({ cluster: cluster.name, file }));
    const record = recordSent();
    const told: ReflectorEvent<string>[] = [];
    const reflector = createReflector<string>({
      client,
      type: resources.configMaps,
      namespace,
      labelSelector: 'rotation',
      decode: ({ metadata }) => metadata.name,
      onEvents: (events) => told.push(...events),
      timings: { serverTimeoutMinMs: 3000, serverTimeoutMaxMs: 3000 },
    });
    reflector.start();
    await vi.waitFor(() => expect(reflector.hasSynced).toBe(true), wait);

    const created: string[] = [];
    const createOne = async (): Promise<void> => {
      const name = `rotation-${created.length + 1}`;
      const metadata = { name, namespace, labels: { rotation: 'true' } };
      await client.create(resources.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
      created.push(name);
    };
    const upserted = (): string[] => told.flatMap((event) => (event.type === 'upserted' ? [event.item] : []));
    for (let count = 0; count < 5; count += 1) await createOne();
    expect((await whoAmI(client)).user).toBe('lab-admin');
    const watchesOf = (certificate: string): number =>
      record.sent.filter((one) => one.path.includes('watch=true') && one.certificate === certificate).length;
    const before = watchesOf('lab-admin');
    write(nextPair);
    expect((await whoAmI(client)).user).toBe('kube-apiserver-kubelet-client');
    await createOne();
    // It is still the old watch that tells.
    await vi.waitFor(() => expect(upserted()).toEqual(created), wait);
    while (watchesOf('kube-apiserver-kubelet-client') === 0) await createOne();
    await createOne();
    await vi.waitFor(() => expect(upserted()).toEqual(created), wait);

    expect(watchesOf('lab-admin')).toBe(before);
    expect(told.filter(({ type }) => type === 'replaced')).toHaveLength(1);
    expect(told.filter(({ type }) => type === 'disconnected')).toEqual([]);
    await reflector.stop();
    record.end();
  });
});

describe('HTTP/1.1', () => {
  it('is spoken with a server that offers HTTP/2, for calls and watches', async () => {
    const { hostname: host, port } = new URL(cluster.url);
    const offered = await new Promise<string | false | null>((resolve, reject) => {
      const socket = connect(
        { host, port: Number(port), ca: pemOf(cluster).authority, ALPNProtocols: ['h2', 'http/1.1'] },
        () => {
          resolve(socket.alpnProtocol);
          socket.destroy();
        },
      );
      socket.on('error', reject);
    });
    expect(offered).toBe('h2');

    const record = recordSent();
    const client = clientOf(cluster);
    clients.push(client);
    const choice = { namespace, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } as const;
    const firstOf = async (type: ResourceType): Promise<unknown> => {
      for await (const event of client.watch(type, choice)) return event;
      return undefined;
    };
    // Both at once: over HTTP/2 the second would wait for the first to end.
    await Promise.all([firstOf(resources.configMaps), firstOf(resources.services)]);
    await client.list(resources.configMaps, { namespace });
    record.end();
    expect(record.sent.map(({ protocol }) => protocol)).toEqual(['http/1.1', 'http/1.1', 'http/1.1']);
  });
});
