import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SyncPlan, SyncStatus } from '../../src/k8s-sync/index.js';
import { startSyncWorld, type SyncWorld } from '../k8s-sync/world.js';
import { root, youzanKube } from './run.js';

const wait = { timeout: 30_000, interval: 200 };
const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-commands-'));
const place = (name: string): string => join(folder, name);
const write = (name: string, text: string): string => {
  writeFileSync(place(name), text);
  return place(name);
};
const socket = place('youzan-kube-sync.sock');
const journal = place('journal/bc-a.ndjson');
const reason = ['--reason', 'the rack is off', '--actor', 'ann'];

let world: SyncWorld;
let child: ChildProcess;
let fleet: string;
let said = '';
const ask = (...words: string[]): ReturnType<typeof youzanKube> => youzanKube(['sync', ...words]);
const json = async <T>(...words: string[]): Promise<T> => JSON.parse((await ask(...words, '--json')).stdout) as T;
const statusOf = async (): Promise<SyncStatus> => {
  const { clusters } = await json<{ clusters: SyncStatus[] }>('status', '--cluster', 'bc-a');
  return clusters[0]!;
};

beforeAll(async () => {
  // The folder in which a socket is made, and looked for, when no other is named.
  process.env['XDG_RUNTIME_DIR'] = folder;
  world = await startSyncWorld();
  const { kubeconfig, url } = world.cluster;
  fleet = write(
    'fleet.yaml',
    `idcs:
  bc:
    clusters:
      bc-a: { version: '1.34', kubeconfig: ${write('good', kubeconfig)} }
      bc-b: { version: '1.34', kubeconfig: ${write('lost', kubeconfig.replaceAll(url, 'https://127.0.0.1:9'))}, context: bc-a }
environments:
  prod:
    gateways: [{ name: bc-1, idc: bc, url: '${world.gateway.adminUrl}', tokenFile: ${write('token', world.gateway.token)} }]
`,
  );
  const args = ['dist/cli.js', 'sync', '--fleet', fleet, '--environment', 'prod', '--metrics-port', '0'];
  child = spawn(process.execPath, [...args, '--journal', place('journal')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await vi.waitFor(() => expect(said).toContain(`commands at ${socket}\n`), wait);
  await vi.waitFor(async () => expect((await statusOf()).upstreams[0]?.gateways[0]?.up).toBe(2), wait);
}, 60_000);
afterAll(async () => {
  child.kill('SIGKILL');
  await world.end();
  rmSync(folder, { recursive: true, force: true });
});

describe('youzan-kube sync, asked while it runs', () => {
  it('takes commands at a socket that only its user can open', () => {
    expect(statSync(socket).mode & 0o777).toBe(0o600);
  });

  it('shows how clusters, gateways and upstreams stand', async () => {
    await vi.waitFor(async () => expect((await statusOf()).upstreams[0]?.gateways[0]?.unconfirmed).toBe(0), wait);
    const { code, stdout } = await ask('status');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^CLUSTER +PHASE +FOR +HEARTBEAT +LEADS +NODES +FROZEN +WHY$/m);
    expect(stdout).toMatch(/^bc-a +live +\S+ +\S+ ago +epoch 1 +1 +- /m);
    expect(stdout).toMatch(/^bc-b +syncing +\S+ +- +no +awaited +- +start$/m);
    expect(stdout).toMatch(/^bc-a +bc-1 +claimed +\d+ +- +- +0 +-$/m);
    expect(stdout).toMatch(/^bc-a +shop\.http +2\/2 +bc-1 +2 +0 +0 +0 +-$/m);
  });

  it('shows one cluster only, and prints JSON for programs', async () => {
    expect((await ask('status', '--cluster', 'bc-a')).stdout).not.toContain('bc-b');
    expect(await statusOf()).toMatchObject({ cluster: 'bc-a', phase: 'live', epoch: 1, frozenByOperator: null });
  });

  it('plans afresh; a cluster that can not be read is said, and fails only itself', async () => {
    expect(await ask('plan', '--cluster', 'bc-a')).toMatchObject({ code: 0, stdout: 'bc-a: nothing to change\n' });
    const { code, stdout, stderr } = await ask('plan');
    expect([code, stdout]).toEqual([1, 'bc-a: nothing to change\n']);
    expect(stderr).toContain('no answer from https://127.0.0.1:9');
  });

  it('says why an address, a pod or an upstream is in the gateways', async () => {
    const ip = (await world.servers())[0]!.split(' ')[0]!;
    const { code, stdout } = await ask('why', ip);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^shop.http: pod default/shop-\\S+ \\(\\S+\\) at ${ip}:8030 is ready$`, 'm'));
    expect(stdout).toContain('shop.http at bc-1: up');
    const pod = /default\/(shop-\S+)/.exec(stdout)![1]!;
    expect((await ask('why', pod)).stdout).toContain(`pod default/${pod}`);
    expect((await ask('why', 'shop.http')).stdout).toContain('shop.http: 2 of 2 members ready');
  });

  it('names what an unknown one may have meant, and exits with 1', async () => {
    const { code, stdout } = await ask('why', 'shop.htp');
    expect(code).toBe(1);
    expect(stdout).toContain('bc-a: no slice of an app has shop.htp');
    expect(stdout).toMatch(/^near ones: shop\.http$/m);
  });

  it('refuses to override what no guard holds', async () => {
    const held = (upstream: string) => ask('override', upstream, '--cluster', 'bc-a', ...reason);
    expect(await held('shop.http')).toMatchObject({
      code: 1,
      stderr: 'error: no guard holds anything of shop.http in bc-a\n',
    });
    expect(await held('shop.htp')).toMatchObject({
      code: 2,
      stderr: 'error: no upstream "shop.htp" in bc-a\n  hint: near ones: shop.http\n',
    });
  });

  it('takes one cluster out of traffic where another one serves, to a share of it, and back', async () => {
    const cluster = (verb: string, ...words: string[]) => ask('cluster', verb, '--cluster', 'bc-a', ...words);
    expect(await cluster('drain', ...reason)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^error: bc-a stays in traffic: at bc-1 nobody else in bc serves shop\.http\n {2}hint: .*--force/,
      ) as string,
    });
    const [ip, port, uid, zone] = ['10.0.0.1', 8030, 'c', ''] as const;
    const server = { ip, port, uid, zone, weight: 100, state: 'up', labels: { color: 'stable' } } as const;
    const other = { upstream: 'shop.http', source: 'k8s.bc.bc-c', generation: '1', servers: [server] };
    await world.writer.claim(other.source, { generation: '1', writer: 'other' });
    await world.writer.putSource(other);
    expect(await cluster('drain', '--dry-run', ...reason)).toMatchObject({
      code: 0,
      stdout: `GATEWAY  UPSTREAM   SERVERS
bc-1     shop.http  2

bc-a would be drained: nothing was changed
`,
      stderr: '',
    });
    const states = async (): Promise<string> =>
      (await world.servers()).map((one) => one.replace(/^\S+ /, '')).join(', ');
    expect(await states()).toBe('up, up');
    expect(await cluster('drain', ...reason)).toMatchObject({
      code: 0,
      stdout: 'bc-a is drained (live; kept in the Lease)\n',
      stderr: '',
    });
    await expect.poll(states, wait).toBe('drain, drain');
    expect((await ask('status')).stdout).toMatch(/^bc-a +0 % +\S+ +ann +the rack is off$/m);
    expect((await cluster('weight', '20', ...reason)).stdout).toBe(
      'bc-a is at 20 % of its weight (live; kept in the Lease)\n',
    );
    await expect.poll(states, wait).toBe('up, up');
    expect((await world.writer.readSource('shop.http', 'k8s.bc.bc-a'))?.servers[0]?.weight).toBe(20);
    const back = await json<{ kept: string; changes: { servers: string[] }[] }>(
      'cluster',
      'restore',
      '--cluster',
      'bc-a',
    );
    expect([back.kept, back.changes[0]?.servers.length]).toEqual(['lease', 2]);
    await vi.waitFor(async () => expect((await statusOf()).traffic).toBeNull(), wait);
    await world.writer.putSource({ ...other, generation: '2', servers: [], force: { reason: 'over', actor: 'test' } });
  });

  it('freezes one cluster: nothing goes, the difference is shown, and it goes when the freeze is taken back', async () => {
    const frozen = await ask('freeze', '--cluster', 'bc-a', ...reason);
    expect(frozen).toMatchObject({
      code: 0,
      stdout: 'bc-a is frozen: nothing is removed (live; kept in the Lease)\n',
      stderr: '',
    });
    expect((await ask('status')).stdout).toMatch(/^bc-a .* by ann: the rack is off /m);
    await world.scale(1);
    const [different] = await vi.waitFor(async () => {
      const { clusters } = await json<{ clusters: SyncPlan[] }>('diff', '--cluster', 'bc-a');
      expect(clusters[0]?.changes[0]?.drain).toHaveLength(1);
      return clusters;
    }, wait);
    const { code, stdout } = await ask('diff', '--cluster', 'bc-a');
    expect([code, stdout]).toEqual([
      1,
      `bc-a bc-1 shop.http (k8s.bc.bc-a)\n  ~ ${different!.changes[0]!.drain[0]!}  should be drained\n`,
    ]);
    expect((await ask('plan', '--cluster', 'bc-a')).stdout).toMatch(/^bc-a +bc-1 +shop\.http +- +1 +- +-$/m);
    expect(await world.servers()).toHaveLength(2);
    expect(await ask('unfreeze', '--cluster', 'bc-a')).toMatchObject({
      code: 0,
      stdout: 'bc-a is no longer frozen (live; kept in the Lease)\n',
    });
    await vi.waitFor(async () => expect(await world.servers()).toHaveLength(1), wait);
    expect(await ask('diff', '--cluster', 'bc-a')).toMatchObject({ code: 0, stdout: '' });
  });

  it('says when only this process keeps a freeze, and takes none back that the Lease may have', async () => {
    world.cluster.faults.partition();
    try {
      const { code, stdout, stderr } = await ask('freeze', '--cluster', 'bc-a', ...reason);
      expect([code, stdout]).toEqual([
        0,
        expect.stringMatching(/^bc-a is frozen: .* \(\S+; kept in this process\)\n$/),
      ]);
      expect(stderr).toMatch(/^note: the Lease of bc-a can't be written: /);
      const back = await ask('unfreeze', '--cluster', 'bc-a');
      expect(back).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('bc-a stays as it is') as string,
      });
    } finally {
      world.cluster.faults.heal();
    }
    await vi.waitFor(async () => expect(await ask('unfreeze', '--cluster', 'bc-a')).toMatchObject({ code: 0 }), wait);
    await vi.waitFor(
      async () => expect(await statusOf()).toMatchObject({ phase: 'live', frozenByOperator: null }),
      wait,
    );
  });

  it('reads all anew', async () => {
    const { code, stdout } = await ask('resync', '--cluster', 'bc-a', '--actor', 'ann');
    expect([code, stdout]).toEqual([0, 'bc-a reads all anew (suspect)\n']);
    await vi.waitFor(async () => expect((await statusOf()).phase).toBe('live'), wait);
  });

  it('notes that a process that does not lead writes nothing', async () => {
    const { code, stderr } = await ask('resync', '--cluster', 'bc-b');
    expect([code, stderr]).toEqual([
      0,
      'note: this process does not lead in bc-b, so it writes nothing: tell the one that leads, too\n',
    ]);
  });

  it('lets a second one run that finds the usual place taken, but none that asked for it', async () => {
    const second = ['--fleet', fleet, '--environment', 'prod', '--metrics-port', '0'];
    const { code, stderr } = await youzanKube(['sync', ...second, '--control', socket]);
    expect(code).toBe(1);
    expect(stderr).toContain(`can't take commands at ${socket}: another syncer listens there`);
    let heard = '';
    const other = spawn(process.execPath, ['dist/cli.js', 'sync', ...second], { cwd: root, stdio: 'pipe' });
    other.stderr.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    await expect.poll(() => heard, wait).toContain(`no commands are taken: error: can't take commands at ${socket}`);
    await expect.poll(() => heard, wait).toContain('metrics at ');
    other.kill('SIGTERM');
    await once(other, 'exit');
    expect(other.exitCode).toBe(0);
  });

  it.each<[string, string[], string]>([
    ['a freeze without a reason', ['freeze', '--cluster', 'bc-a'], "required option '--reason <words>' not specified"],
    ['a command for no cluster of two', ['freeze', ...reason], 'which cluster? The running syncer has bc-a, bc-b'],
    ['a cluster that it does not sync', ['status', '--cluster', 'bc-x'], 'has no cluster "bc-x"; it has bc-a, bc-b'],
    ['a reason that is empty', ['freeze', '--cluster', 'bc-a', '--reason', ' '], 'reason: it must not be empty'],
    ['a drain without a reason', ['cluster', 'drain'], "required option '--reason <words>' not specified"],
    [
      'a share of nothing',
      ['cluster', 'weight', '0', ...reason],
      '"0" is no share: 1 to 99; 0 is drain, 100 is restore',
    ],
    ['a misspelt command, with a way out', ['staus'], 'did you mean "status"?'],
    ['nothing to ask why of', ['why'], "missing required argument 'ip|pod|upstream'"],
    ['an option of the running command', ['status', '--fleet', 'x'], "unknown option '--fleet'"],
    ['a run without its fleet', ['--environment', 'prod'], "required option '--fleet <file>' not specified"],
    ['a run without its environment', ['--fleet', 'x'], "required option '--environment <name>' not specified"],
  ])('refuses %s with 2', async (_what, words, message) => {
    const { code, stderr } = await ask(...words);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('says what to do where no syncer runs', async () => {
    const lost = place('none.sock');
    expect(await ask('status', '--control', lost)).toMatchObject({
      code: 1,
      stderr: `error: no running syncer at ${lost}: ENOENT\n  hint: start \`youzan-kube sync\` there, or name the socket that it said when it started\n`,
    });
  });
});

describe('youzan-kube sync replay', () => {
  beforeAll(async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  });

  it('takes its socket away when it ends', () => {
    expect(() => statSync(socket)).toThrow('ENOENT');
  });

  it('tells what happened, by whom and why, and the state at the end', async () => {
    const { code, stdout } = await ask('replay', journal);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z {2}the syncer of bc-a starts as \S+$/m);
    expect(stdout).toMatch(/^\S+Z {2}freeze by ann: the rack is off$/m);
    expect(stdout).toMatch(/^ {2}-> write shop\.http to bc-1: 2 up$/m);
    expect(stdout).toMatch(/^bc-a +shop\.http +1\/1 +bc-1 +1 +0 +0 +0 +-$/m);
    expect(stdout).not.toContain('timer: health\n20');
  });

  it('prints a line of JSON a step, and the last status as the last', async () => {
    const { stdout } = await ask('replay', journal, '--json');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({ line: 2, kind: 'snapshot', event: null, effects: [] });
    expect(lines.at(-1)).toMatchObject({ status: { cluster: 'bc-a', upstreams: [{ upstream: 'shop.http' }] } });
  });

  it('says that the last line is torn, and goes on without it', async () => {
    const torn = write('torn.ndjson', readFileSync(journal, 'utf8').slice(0, -10));
    const { code, stdout } = await ask('replay', torn);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^line \d+ {2}this line was torn when the process died: it is left out$/m);
  });

  it.each<[string, () => string, string]>([
    [
      'a line that is damaged',
      () => write('bad.ndjson', `${readFileSync(journal, 'utf8')}{"at":\n`),
      'of the journal is no JSON',
    ],
    ['what is no journal', () => fleet, 'line 1 of the journal is no JSON'],
    ['a file that is not there', () => place('none.ndjson'), "can't read"],
  ])('refuses %s with 2', async (_what, file, message) => {
    const { code, stderr } = await ask('replay', file());
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});
