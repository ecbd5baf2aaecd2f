import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createYz7Gateway } from '../../src/gateways/index.js';
import { type EmbeddedYz7, startEmbeddedYz7 } from '../../src/testing/index.js';
import { type CommandResult, youzanKube } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-servers-'));
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
let yz7s: EmbeddedYz7[];
let fleet: string;

beforeAll(async () => {
  yz7s = await Promise.all(['bc-1', 'bc-2'].map((name) => startEmbeddedYz7({ name, idc: 'bc' })));
  const gateways = yz7s.map(
    ({ name, adminUrl, token }) =>
      `{ name: ${name}, idc: bc, url: '${adminUrl}', tokenFile: ${write(`${name}.token`, token)} }`,
  );
  fleet = write(
    'fleet.yaml',
    `idcs: { bc: { clusters: { bc-a: { version: '1.34' } } } }
environments: { prod: { gateways: [${gateways.join(', ')}] } }
`,
  );
});
afterAll(async () => {
  await Promise.all(yz7s.map((yz7) => yz7.stop()));
  rmSync(folder, { recursive: true, force: true });
});

const servers = (command: string, ...args: readonly string[]): Promise<CommandResult> =>
  youzanKube(['servers', command, '--fleet', fleet, '--environment', 'prod', ...args]);
const file = (...ips: readonly string[]): string =>
  write('vm.yaml', `upstreams:\n  shop.http: [${ips.map((ip) => `{ ip: ${ip}, port: 80 }`).join(', ')}]\n`);

describe('youzan-kube servers', () => {
  it('puts a file to every gateway, and lists what is there', async () => {
    const { code, stdout, stderr } = await servers('put', '--source', 'vm.bc', file('10.0.0.1', '10.0.0.2'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`GATEWAY  UPSTREAM   ADD  CHANGE  DRAIN  REMOVE  HELD
bc-1     shop.http  2    -       -      -       -
bc-2     shop.http  2    -       -      -       -

bc-1: done, every worker has it
bc-2: done, every worker has it
`);
    const listed = await servers('list', '--source', 'vm.bc', '--gateway', 'bc-2');
    expect(listed.stdout).toBe(`GATEWAY  UPSTREAM   IP        PORT  STATE  WEIGHT  ZONE  COLOR   SC
bc-2     shop.http  10.0.0.1  80    up     100     -     stable  -
bc-2     shop.http  10.0.0.2  80    up     100     -     stable  -
`);
  });

  it('says in a dry run what would change', async () => {
    const { code, stdout } = await servers(
      'put',
      '--source',
      'vm.bc',
      '--dry-run',
      '--json',
      file('10.0.0.1', '10.0.0.3'),
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      source: 'vm.bc',
      gateways: [
        { gateway: 'bc-1', outcome: 'planned', upstreams: [{ add: ['10.0.0.3:80'], drain: ['10.0.0.2:80'] }] },
        {},
      ],
    });
  });

  it('holds what a guard holds, until a person says why it goes', async () => {
    const held = await servers('put', '--source', 'vm.bc', '--gateway', 'bc-1', file());
    expect(held.code).toBe(1);
    expect(held.stdout).toContain('bc-1: not all is done; lift a guard with --force --reason');
    expect(held.stdout).toContain('  shop.http: the empty guard keeps 10.0.0.1:80, 10.0.0.2:80');
    const without = await servers('put', '--source', 'vm.bc', '--force', file());
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('--force needs a reason') as unknown });
    const forced = await servers(
      'put',
      '--source',
      'vm.bc',
      '--force',
      '--reason',
      'rack off',
      '--actor',
      'ann',
      file(),
    );
    expect(forced).toMatchObject({ code: 0, stderr: '' });
    expect((await servers('list', '--source', 'vm.bc')).stdout).toBe('');
  });

  it('takes no source of a cluster, and no IDC that the fleet has not', async () => {
    const cluster = await servers('put', '--source', 'k8s.bc.bc-a', file('10.0.0.1'));
    expect(cluster).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('written by its syncer alone') as unknown,
    });
    const idc = await servers('put', '--source', 'vm.bd', file('10.0.0.1'));
    expect(idc).toMatchObject({ code: 2, stderr: expect.stringContaining('it has bc') as unknown });
  });

  it('hands servers over to a cluster that has them too', async () => {
    const [yz7] = yz7s;
    const gateway = createYz7Gateway({ name: 'bc-1', idc: 'bc', url: yz7!.adminUrl, token: yz7!.token });
    const server = {
      ip: '10.0.0.1',
      port: 80,
      weight: 100,
      state: 'up',
      uid: 'pod',
      zone: '',
      labels: { color: 'stable' },
    } as const;
    await gateway.claim('k8s.bc.bc-a', { generation: '1', writer: 'test' });
    const upstream = 'shop.http';
    await gateway.putSource({ upstream, source: 'k8s.bc.bc-a', generation: '2', servers: [server] });
    await gateway.close();
    await servers('put', '--source', 'vm.bc', file('10.0.0.1', '10.0.0.2'));
    const args = ['--upstream', upstream, '--from', 'vm.bc', '--gateway', 'bc-1'];
    const planned = await servers('adopt', ...args, '--dry-run');
    expect(planned).toMatchObject({ code: 0, stderr: '' });
    expect(planned.stdout).toBe(`GATEWAY  SERVER       IS                        HAND-MADE
bc-1     10.0.0.1:80  by hand and in a cluster  goes
bc-1     10.0.0.2:80  only by hand              stays

bc-1: 1 would go; nothing was written
`);
    const done = await servers('adopt', ...args, '--actor', 'ann', '--json');
    expect(JSON.parse(done.stdout)).toMatchObject({ gateways: [{ goes: ['10.0.0.1:80'], put: { outcome: 'done' } }] });
    expect((await servers('list', '--source', 'vm.bc', '--gateway', 'bc-1')).stdout).not.toContain('10.0.0.1');
  });

  it('names the place of what is wrong in a file', async () => {
    const { code, stderr } = await servers('put', '--source', 'vm.bc', file('web-1'));
    expect(code).toBe(2);
    expect(stderr).toContain('vm.yaml:2:21: upstreams.shop.http.0.ip must be an IP address');
  });

  it('ends with 1 where a gateway can not be read, and lists the others', async () => {
    await yz7s[0]?.faults.down(true);
    const { code, stdout, stderr } = await servers('list', '--source', 'vm.bc', '--json');
    await yz7s[0]?.faults.down(false);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      source: 'vm.bc',
      gateways: [{ gateway: 'bc-2', upstreams: expect.anything() as unknown }],
    });
    expect(stderr).toContain('bc-1');
  });
});
