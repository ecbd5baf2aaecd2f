import { describe, expect, it } from 'vitest';
import type { LiveServer } from '../../../src/gateways/haproxy/answers.js';
import { changeOf } from '../../../src/gateways/haproxy/change.js';
import { checkClaim, checkGeneration } from '../../../src/gateways/haproxy/rules.js';
import { encodeIdentity, serverName } from '../../../src/gateways/haproxy/words.js';
import type { Server } from '../../../src/members/server.js';

const source = 'k8s.bc.bc-a';
const server = (index: number, fields: Partial<Server> = {}): Server => ({
  ip: `10.0.0.${index}`,
  port: 8030,
  weight: 100,
  state: 'up',
  uid: `u-${index}`,
  zone: 'z',
  labels: {},
  ...fields,
});
const nameOf = (each: Server): string => serverName(source, each);
const live = (each: Server): LiveServer => ({
  backend: 'b',
  name: nameOf(each),
  ip: each.ip,
  port: each.port,
  weight: each.weight,
  state: each.state,
});

/** Commands with short names, as `verb server`. */
function plan(present: readonly Server[], wanted: readonly Server[], leftovers: readonly Server[] = []) {
  const { commands, touched, gone, ...rest } = changeOf(
    '/m',
    {
      upstream: 'b',
      source,
      live: [...present, ...leftovers].map(live),
      identities: new Map(present.map((each) => [nameOf(each), encodeIdentity(each)])),
    },
    wanted,
  );
  const short = [...commands, ...gone.map((place) => `gone ${place}`)].map((command) =>
    [...present, ...wanted, ...leftovers]
      .reduce((text, each) => text.replace(nameOf(each), each.uid), command)
      .replace('/m ', ''),
  );
  const uids = touched.map((name) => [...present, ...wanted].find((each) => nameOf(each) === name)?.uid);
  return { ...rest, commands: short, touched: uids };
}

describe('the commands of a change', () => {
  it('add what is new before they drain, and drain before they remove', () => {
    const { commands, ...counts } = plan(
      [server(1), server(2)],
      [server(1, { state: 'drain' }), server(3)],
    ); // prettier-ignore
    expect(commands).toEqual([
      'add map server/b/u-3 u-3|z|',
      'add server b/u-3 10.0.0.3:8030 weight 100',
      'set server b/u-3 state ready',
      'set server b/u-1 state drain',
      'set server b/u-2 state maint',
      'del map server/b/u-2',
      'gone b/u-2',
    ]);
    expect(counts).toEqual({ added: 1, removed: 1, changes: true, touched: ['u-3', 'u-2'] });
  });

  it('touch only what differs', () => {
    expect(plan([server(1), server(2)], [server(2), server(1)])).toEqual({
      commands: [],
      touched: [],
      added: 0,
      removed: 0,
      changes: false,
    });
    expect(plan([server(1)], [server(1, { weight: 7, labels: { a: 'b' } })]).commands).toEqual([
      'set map server/b/u-1 u-1|z|a=b',
      'set server b/u-1 weight 7',
    ]);
    expect(plan([], [server(1, { state: 'down' })]).commands).toHaveLength(2);
  });

  it('try again to delete what its connections have kept, which is no change', () => {
    const left = server(1, { state: 'down' });
    expect(plan([], [], [left])).toEqual({
      commands: ['set server b/u-1 state maint', 'gone b/u-1'],
      touched: [],
      added: 0,
      removed: 0,
      changes: false,
    });
    expect(plan([], [server(1)], [left])).toMatchObject({
      commands: ['add map server/b/u-1 u-1|z|', 'set server b/u-1 state ready'],
      added: 1,
    });
  });
});

describe('generations', () => {
  const digest = 'a'.repeat(64);
  const claim = { generation: '9223372036854775001', writer: 'one' };
  const write = { source, generation: '9223372036854775002', digest };
  const entry = { generation: '9223372036854775002', revision: 3, digest };
  const code = (run: () => void): unknown => {
    try {
      run();
      return 'taken';
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : error;
    }
  };

  it.each([
    ['UNCLAIMED', undefined, undefined, {}],
    ['taken', claim, undefined, {}],
    ['taken', claim, undefined, { generation: claim.generation }],
    ['STALE_GENERATION', claim, undefined, { generation: '9223372036854775000' }],
    ['STALE_GENERATION', claim, undefined, { generation: '99' }],
    ['taken', claim, entry, {}],
    ['GENERATION_CONFLICT', claim, entry, { digest: 'b'.repeat(64) }],
    ['STALE_GENERATION', claim, entry, { generation: claim.generation }],
    ['taken', claim, entry, { generation: '18446744073709551615', digest: 'b'.repeat(64) }],
  ])('of a write: %s', (expected, present, written, fields) => {
    expect(code(() => checkGeneration('ha', { ...write, ...fields }, present, written))).toBe(expected);
  });

  it.each([
    ['taken', { generation: '1', writer: 'two' }, undefined],
    ['taken', claim, claim],
    ['CLAIM_CONFLICT', { ...claim, writer: 'two' }, claim],
    ['STALE_GENERATION', { generation: '9223372036854775000', writer: 'one' }, claim],
    ['taken', { generation: '9223372036854775002', writer: 'two' }, claim],
  ])('of a claim: %s', (expected, asked, present) => {
    expect(code(() => checkClaim('ha', source, asked, present))).toBe(expected);
  });

  it('tell a fenced writer which claim stands above it', () => {
    const old = { ...write, generation: '7' };
    expect(() => checkGeneration('ha', old, claim, undefined)).toThrow(
      expect.objectContaining({ details: { claim: claim.generation } }),
    );
  });
});
