import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  connectSyncControl,
  type K8sSync,
  replayJournal,
  serveSyncControl,
  type SyncControl,
  type SyncControlServer,
} from '../../src/k8s-sync/index.js';
import { createKubeClient, credentialsFromKubeconfig } from '../../src/kube/index.js';
import { startSyncWorld, type SyncWorld } from './world.js';

const wait = { timeout: 10_000, interval: 50 };
const token = 'a-token-of-some-length';
const ann = { actor: 'ann', reason: 'the rack is off' };

let world: SyncWorld;
let sync: K8sSync;
let folder: string;
let journal = '';
const said: { fields: object; message: string }[] = [];
const log = (fields: object, message: string): void => void said.push({ fields, message });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'youzan-kube-control-'));
  world = await startSyncWorld();
  sync = world.newSync({
    journal: (line) => (journal += line),
    logger: { info: log, warn: log, error: log },
    // Nothing stops: what a hold waits for is looked up seldom, and what the tests see does not change under them.
    timings: { suspectMs: 5000, frozenMs: 10_000 },
  });
  await sync.start();
  await vi.waitFor(() => expect(sync.status().upstreams[0]?.gateways[0]?.up).toBe(2), wait);
  await vi.waitFor(() => expect(sync.state()).toBe('live'), wait);
});
afterAll(async () => {
  await world.end();
  rmSync(folder, { recursive: true, force: true });
});

/** A syncer of another cluster, which never starts. */
const idle = (name: string): K8sSync => world.newSync({ cluster: { ...world.client, name } });

describe('serveSyncControl at a Unix socket', () => {
  let server: SyncControlServer;
  let control: SyncControl;
  let socketPath: string;
  beforeAll(async () => {
    socketPath = join(folder, 'one.sock');
    server = await serveSyncControl({ syncs: [sync, idle('bc-b')], socketPath });
    control = connectSyncControl({ socketPath });
  });
  afterAll(() => server.stop());

  const ask = (
    method: string,
    path: string,
    body: string | Buffer = '',
  ): Promise<{ status: number; json: { error: { code: string; message: string } } }> =>
    new Promise((resolve, reject) => {
      const sent = request({ socketPath, method, path, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) as never }));
      });
      sent.on('error', reject).end(body);
    });

  it('can be opened by its user alone', () => {
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect(server.address).toBe(socketPath);
  });

  it('names the clusters', async () => {
    expect(await control.clusters()).toEqual([
      { cluster: 'bc-a', phase: 'live', leader: true },
      { cluster: 'bc-b', phase: 'syncing', leader: false },
    ]);
  });

  it('tells the status, a plan, and why something is in the gateways', async () => {
    expect(await control.status('bc-a')).toMatchObject({
      cluster: 'bc-a',
      phase: 'live',
      upstreams: [{ upstream: 'shop.http', ready: 2 }],
    });
    expect(await control.status('bc-b')).toMatchObject({ cluster: 'bc-b', phase: 'syncing' });
    expect(await control.plan('bc-a')).toEqual({ cluster: 'bc-a', source: 'k8s.bc.bc-a', changes: [], unread: {} });
    expect(await control.why('bc-a', 'shop.http')).toMatchObject({ kind: 'upstream' });
    expect(await control.why('bc-a', 'shop.htp')).toMatchObject({ kind: 'unknown', near: ['shop.http'] });
  });

  it('freezes and unfreezes one cluster, with who and why in status, log and journal', async () => {
    expect(await control.freeze('bc-a', ann)).toEqual({
      cluster: 'bc-a',
      phase: 'live',
      leader: true,
      frozenByOperator: true,
      kept: 'lease',
      released: [],
    });
    expect((await control.status('bc-a')).frozenByOperator).toMatchObject(ann);
    expect((await control.status('bc-b')).frozenByOperator).toBeNull();
    expect(await control.unfreeze('bc-a', { actor: 'bob' })).toMatchObject({ frozenByOperator: false });
    const messages = said.map(({ message }) => message);
    expect(messages).toEqual(expect.arrayContaining(['freeze by ann: the rack is off', 'unfreeze by bob']));
    expect(said.find(({ message }) => message.startsWith('freeze'))?.fields).toMatchObject({ cluster: 'bc-a', ...ann });
    const told: string[] = [];
    for await (const step of replayJournal(journal.split('\n'))) told.push(step.said);
    expect(told).toEqual(expect.arrayContaining(['freeze by ann: the rack is off', 'unfreeze by bob']));
  });

  it('reads all anew', async () => {
    expect(await control.resync('bc-a', { actor: 'ann' })).toMatchObject({ cluster: 'bc-a' });
    await vi.waitFor(() => expect(sync.state()).toBe('live'), wait);
  });

  it('refuses to override what no guard holds', async () => {
    const refused = (cluster: string, upstream: string) => control.override(cluster, { upstream, ...ann });
    await expect(refused('bc-a', 'shop.http')).rejects.toMatchObject({ code: 'CONTROL_NOTHING_HELD' });
    await expect(refused('bc-a', 'shop.htp')).rejects.toMatchObject({
      code: 'CONTROL_UNKNOWN_UPSTREAM',
      message: 'no upstream "shop.htp" in bc-a',
      hint: 'near ones: shop.http',
    });
  });

  it('plays its journal back to the status that it has', async () => {
    // One moment: nothing is written to the journal between the two.
    const [live, lines] = [sync.status(), journal.split('\n')];
    let replayed: object | null = null;
    for await (const step of replayJournal(lines)) replayed = step.status();
    const ageless = (status: object | null): unknown =>
      JSON.parse(JSON.stringify(status, (key, value: unknown) => (/Ms$/.test(key) ? undefined : value)));
    expect(ageless(replayed)).toEqual(ageless(live));
  });

  it.each<[string, string, string, string, number, string]>([
    ['an unknown cluster', 'GET', '/v1/clusters/bc-x/status', '', 404, 'CONTROL_UNKNOWN_CLUSTER'],
    ['an unknown path', 'GET', '/v1/clusters/bc-a/nothing', '', 404, 'CONTROL_UNKNOWN_PATH'],
    ['a path above', 'GET', '/../../etc/passwd', '', 404, 'CONTROL_UNKNOWN_PATH'],
    ['a path that is not well encoded', 'GET', '/v1/clusters/%E0%A4', '', 400, 'CONTROL_BAD_REQUEST'],
    ['a name of every object', 'POST', '/v1/clusters/bc-a/constructor', '{}', 405, 'CONTROL_METHOD'],
    ['a command by GET', 'GET', '/v1/clusters/bc-a/freeze', '', 405, 'CONTROL_METHOD'],
    ['a question by POST', 'POST', '/v1/clusters/bc-a/status', '{}', 405, 'CONTROL_METHOD'],
    ['why without what', 'GET', '/v1/clusters/bc-a/why', '', 422, 'CONTROL_INVALID'],
    ['no JSON', 'POST', '/v1/clusters/bc-a/freeze', '{', 400, 'CONTROL_BAD_REQUEST'],
    ['no object', 'POST', '/v1/clusters/bc-a/freeze', '7', 422, 'CONTROL_INVALID'],
    ['no reason', 'POST', '/v1/clusters/bc-a/freeze', '{"actor":"ann"}', 422, 'CONTROL_INVALID'],
    ['an empty reason', 'POST', '/v1/clusters/bc-a/freeze', '{"actor":"ann","reason":" "}', 422, 'CONTROL_INVALID'],
    ['a log line', 'POST', '/v1/clusters/bc-a/freeze', '{"actor":"a","reason":"x\\ny"}', 422, 'CONTROL_INVALID'],
    ['a key too many', 'POST', '/v1/clusters/bc-a/resync', '{"actor":"a","all":true}', 422, 'CONTROL_INVALID'],
    ['no upstream', 'POST', '/v1/clusters/bc-a/override', '{"actor":"a","reason":"b"}', 422, 'CONTROL_INVALID'],
  ])('refuses %s', async (_what, method, path, body, status, code) => {
    const answer = await ask(method, path, body);
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
    expect(answer.json.error.message).not.toBe('');
    expect(sync.status().frozenByOperator).toBeNull();
  });

  it('says which clusters there are, and what is wrong with a body', async () => {
    const unknown = await ask('GET', '/v1/clusters/bc-x/status');
    expect(unknown.json.error.message).toBe('no cluster "bc-x" here; this process syncs bc-a, bc-b');
    const invalid = await ask('POST', '/v1/clusters/bc-a/freeze', '{"actor":7,"reason":""}');
    expect(invalid.json.error.message).toBe('actor: it must be a text; reason: it must not be empty');
  });

  it('refuses a huge body, and goes on', async () => {
    const { status, json } = await ask('POST', '/v1/clusters/bc-a/freeze', Buffer.alloc(2_000_000, ' '));
    expect([status, json.error.code]).toEqual([413, 'CONTROL_BODY_TOO_LARGE']);
    expect(await control.clusters()).toHaveLength(2);
  });

  it('is not held up by callers that say nothing', async () => {
    const silent = [connect(socketPath), connect(socketPath)];
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    silent[1]!.write('POST /v1/clusters/bc-a/freeze HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{');
    expect(await control.clusters()).toHaveLength(2);
    for (const socket of silent) socket.destroy();
  });

  it('refuses two syncers of one cluster', async () => {
    await expect(serveSyncControl({ syncs: [sync, sync], socketPath })).rejects.toMatchObject({
      code: 'CONTROL_CLUSTERS',
    });
  });

  it('does not take the place of one that listens, nor of a file', async () => {
    await expect(serveSyncControl({ syncs: [sync], socketPath })).rejects.toMatchObject({
      code: 'CONTROL_ADDRESS',
      message: `can't take commands at ${socketPath}: another syncer listens there`,
    });
    const file = join(folder, 'file');
    writeFileSync(file, 'mine');
    await expect(serveSyncControl({ syncs: [sync], socketPath: file })).rejects.toMatchObject({
      code: 'CONTROL_ADDRESS',
    });
    expect(statSync(file).size).toBe(4);
    expect(await control.clusters()).toHaveLength(2);
  });

  it('says what to do where nobody listens, and where it may not', async () => {
    const lost = connectSyncControl({ socketPath: join(folder, 'none.sock') });
    await expect(lost.clusters()).rejects.toMatchObject({
      code: 'CONTROL_UNREACHABLE',
      message: `no running syncer at ${join(folder, 'none.sock')}: ENOENT`,
      hint: expect.stringContaining('start `youzan-kube sync`') as string,
    });
    for (const nowhere of [join(folder, 'no/folder'), join(folder, 'x'.repeat(107))])
      await expect(serveSyncControl({ syncs: [], socketPath: nowhere })).rejects.toMatchObject({
        code: 'CONTROL_ADDRESS',
        path: nowhere,
      });
  });

  it('takes the place of a dead one, and takes its own socket away, also when it is stopped twice', async () => {
    const path = join(folder, 'dead.sock');
    // Node takes a socket away when it closes; a process that is killed does not.
    const dead = createServer().listen(join(folder, 'before.sock'));
    await once(dead, 'listening');
    renameSync(join(folder, 'before.sock'), path);
    dead.close();
    await once(dead, 'close');
    expect(existsSync(path)).toBe(true);
    const second = await serveSyncControl({ syncs: [sync], socketPath: path });
    expect(await connectSyncControl({ socketPath: path }).clusters()).toHaveLength(1);
    await second.stop();
    await second.stop();
    expect(existsSync(path)).toBe(false);
  });
});

describe('serveSyncControl at a port', () => {
  it('listens on the loopback address and answers nobody without the token, of which nothing is logged', async () => {
    const logged: unknown[] = [];
    const note = (...words: unknown[]): void => void logged.push(words);
    const logger = { info: note, warn: note, error: note };
    const server = await serveSyncControl({ syncs: [sync], port: 0, token, logger });
    try {
      expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      const port = Number(new URL(server.address).port);
      expect(await connectSyncControl({ port, token }).clusters()).toHaveLength(1);
      for (const wrong of ['another-token-of-it', `${token}x`, '']) {
        const stranger = connectSyncControl({ port, token: wrong });
        await expect(stranger.freeze('bc-a', ann)).rejects.toMatchObject({ code: 'CONTROL_UNAUTHORIZED' });
      }
      const plain = await fetch(`${server.address}/v1/clusters`);
      expect([plain.status, plain.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect(sync.status().frozenByOperator).toBeNull();
      expect(logged).toHaveLength(4);
      expect(JSON.stringify(logged)).not.toContain('token-of');
    } finally {
      await server.stop();
    }
  });

  it('refuses a token that is too short', async () => {
    await expect(serveSyncControl({ syncs: [sync], port: 0, token: 'short' })).rejects.toMatchObject({
      code: 'CONTROL_TOKEN',
    });
  });

  it('tells the trouble of a cluster that can not be read', async () => {
    const text = world.cluster.kubeconfig.replaceAll(world.cluster.url, 'https://127.0.0.1:9');
    const lost = createKubeClient({ name: 'bc-a', credentials: credentialsFromKubeconfig({ cluster: 'bc-a', text }) });
    const server = await serveSyncControl({ syncs: [world.newSync({ cluster: lost })], port: 0, token });
    const control = connectSyncControl({ port: Number(new URL(server.address).port), token });
    try {
      await expect(control.plan('bc-a')).rejects.toMatchObject({
        code: 'KUBE_UNREACHABLE',
        hint: expect.stringContaining('check the address') as string,
      });
    } finally {
      await server.stop();
      await lost.close();
    }
  });
});

describe('an override', () => {
  it('lets go what a guard holds of one upstream, says what that is, and is kept with the write', async () => {
    const socketPath = join(folder, 'override.sock');
    const server = await serveSyncControl({ syncs: [sync], socketPath });
    const control = connectSyncControl({ socketPath });
    try {
      world.cluster.nodeFaults.loseNode();
      await vi.waitFor(async () => expect((await control.status('bc-a')).holds).toHaveLength(1), wait);
      const [hold] = (await control.status('bc-a')).holds;
      expect(hold).toMatchObject({ upstream: 'shop.http', guard: 'empty', color: 'stable' });
      const { released } = await control.override('bc-a', { upstream: 'shop.http', ...ann });
      expect(released).toEqual(hold!.servers.map(({ address }) => address));
      await vi.waitFor(
        async () => expect((await world.servers()).filter((server) => server.endsWith(' up'))).toHaveLength(0),
        wait,
      );
      expect(said.map(({ message }) => message)).toContain('override of shop.http by ann: the rack is off');
    } finally {
      await server.stop();
    }
  });
});
