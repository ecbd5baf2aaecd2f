import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { createGateway } from '../../src/gateways/index.js';
import { clustersOf, defineFleet, gatewaysOf, type Yz7Address } from '../../src/fleet/index.js';

const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-fleet-'));
const tokenFile = join(folder, 'yz7.token');
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fleet = defineFleet({
  idcs: {
    bc: { clusters: { 'bc-a': { version: '1.34' }, 'bc-b': { version: '1.34' } } },
    bd: { clusters: { 'bd-a': { version: '1.34' } } },
  },
  environments: {
    prod: {
      gateways: [
        { name: 'yz7-bc', idc: 'bc', url: 'https://yz7.bc.example:9000', tokenEnv: 'TEST_YZ7_TOKEN' },
        { name: 'yz7-bd', idc: 'bd', url: 'https://yz7.bd.example:9000', tokenFile },
      ],
    },
  },
});
const names = (only?: readonly string[]): string[] => clustersOf(fleet, only).map(({ name }) => name);

describe('clustersOf', () => {
  it('gives all clusters, or those that are named, in the order of the fleet', () => {
    expect(names()).toEqual(['bc-a', 'bc-b', 'bd-a']);
    expect(names(['bd-a', 'bc-a'])).toEqual(['bc-a', 'bd-a']);
    expect(names([])).toEqual([]);
  });

  it('knows no other, says which there are and which was meant', () => {
    expect(() => names(['bc-a', 'bc-c'])).toThrow(
      expect.objectContaining({
        code: 'FLEET_UNKNOWN_CLUSTER',
        message: 'no cluster "bc-c" in the fleet; it has bc-a, bc-b, bd-a',
        hint: 'did you mean "bc-a"?',
      }),
    );
    expect(() => names(['somewhere'])).toThrow(expect.objectContaining({ hint: undefined }));
  });
});

describe('gatewaysOf', () => {
  const addresses = (): Yz7Address[] =>
    gatewaysOf(fleet, 'prod').flatMap((address) => (address.kind === 'yz7' ? [address] : []));

  it('gives the instances of an environment, of every IDC', () => {
    expect(addresses().map(({ name, idc, url }) => [name, idc, url])).toEqual([
      ['yz7-bc', 'bc', 'https://yz7.bc.example:9000'],
      ['yz7-bd', 'bd', 'https://yz7.bd.example:9000'],
    ]);
  });

  it('gives a HAProxy with its socket and its map, as createGateway takes it', () => {
    const haproxy = { kind: 'haproxy', name: 'h', idc: 'bc', socket: '/run/h.sock', map: '/etc/haproxy/m' } as const;
    const { clusters } = fleet;
    const [address] = gatewaysOf({ clusters, gateways: { prod: [haproxy] } }, 'prod');
    expect(address).toEqual(haproxy);
    expect(createGateway(address!).limits).toContain('volatile');
  });

  it.each(['pre', 'constructor'])('knows no environment "%s", and says which there are', (environment) => {
    expect(() => gatewaysOf(fleet, environment)).toThrow(
      expect.objectContaining({
        code: 'FLEET_UNKNOWN_ENVIRONMENT',
        message: `no environment "${environment}" in the fleet; it has prod`,
      }),
    );
  });

  it('reads a token from its variable at each call', () => {
    const { token } = addresses()[0]!;
    vi.stubEnv('TEST_YZ7_TOKEN', 'one');
    expect(token()).toBe('one');
    vi.stubEnv('TEST_YZ7_TOKEN', 'two');
    expect(token()).toBe('two');
  });

  it.each([undefined, ''])('says that the variable is not set when it is %j', (value) => {
    vi.stubEnv('TEST_YZ7_TOKEN', value);
    expect(addresses()[0]!.token).toThrow(
      expect.objectContaining({
        code: 'FLEET_NO_TOKEN',
        path: 'yz7-bc',
        message: 'gateway yz7-bc: the variable TEST_YZ7_TOKEN is not set',
        hint: 'set it to the token of the admin API',
      }),
    );
  });

  it('reads a token from its file at each call, without the newline at its end', () => {
    const { token } = addresses()[1]!;
    writeFileSync(tokenFile, 'one\n');
    expect(token()).toBe('one');
    writeFileSync(tokenFile, 'two\n');
    expect(token()).toBe('two');
  });

  it('says which file it could not read, and which is empty', () => {
    const { token } = addresses()[1]!;
    rmSync(tokenFile, { force: true });
    expect(token).toThrow(
      expect.objectContaining({
        code: 'FLEET_NO_TOKEN',
        message: `gateway yz7-bd: can't read its token from ${tokenFile}`,
        hint: 'check the path and its permissions',
        cause: expect.objectContaining({ code: 'ENOENT' }) as unknown,
      }),
    );
    writeFileSync(tokenFile, '\n');
    expect(token).toThrow(expect.objectContaining({ message: `gateway yz7-bd: its token file ${tokenFile} is empty` }));
  });
});
