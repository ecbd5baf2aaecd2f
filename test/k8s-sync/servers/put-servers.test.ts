import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createYz7Gateway, type Gateway } from '../../../src/gateways/index.js';
import { putServers, type PutServersOptions } from '../../../src/k8s-sync/index.js';
import { generationOf } from '../../../src/k8s-sync/core/index.js';
import type { Server } from '../../../src/members/index.js';
import { type EmbeddedYz7, startEmbeddedYz7 } from '../../../src/testing/index.js';

const source = 'vm.bc';
const at = (last: number, more: Partial<Server> = {}): Server => ({
  ...{ ip: `10.0.0.${last}`, port: 8030, weight: 100, state: 'up', uid: '', zone: '', labels: { color: 'stable' } },
  ...more,
});

/** The gateway, with some of its methods replaced. */
const withOther = (gateway: Gateway, other: Partial<Gateway>): Gateway => ({
  ...{ name: gateway.name, idc: gateway.idc },
  claim: (...given) => gateway.claim(...given),
  putSource: (...given) => gateway.putSource(...given),
  readSource: (...given) => gateway.readSource(...given),
  readSources: (...given) => gateway.readSources(...given),
  readEffective: (...given) => gateway.readEffective(...given),
  status: (...given) => gateway.status(...given),
  close: () => gateway.close(),
  ...other,
});

describe('putServers', () => {
  let yz7s: EmbeddedYz7[];
  let gateways: Gateway[];
  beforeEach(async () => {
    yz7s = await Promise.all(['bc-1', 'bc-2'].map((name) => startEmbeddedYz7({ name, idc: 'bc' })));
    gateways = yz7s.map(({ name, adminUrl: url, token }) => createYz7Gateway({ name, idc: 'bc', url, token }));
  });
  afterEach(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close()));
    await Promise.all(yz7s.map((yz7) => yz7.stop()));
  });

  const put = (servers: readonly Server[], more: Partial<PutServersOptions> = {}) =>
    putServers({ gateways, source, upstreams: { 'shop.http': servers }, drainGraceMs: 10, deadlineMs: 8000, ...more });
  const outcomes = async (result: ReturnType<typeof put>): Promise<string[]> =>
    (await result).gateways.map(({ gateway, outcome }) => `${gateway} ${outcome}`);
  const there = async (gateway: Gateway | undefined, upstream = 'shop.http'): Promise<string[]> =>
    ((await gateway?.readSource(upstream, source))?.servers ?? []).map(({ ip, state }) => `${ip} ${state}`).sort();

  it('adds before it drains, and drains before it deletes, at every gateway', async () => {
    await put([at(1), at(2)]);
    expect(await outcomes(put([at(2), at(3)]))).toEqual(['bc-1 done', 'bc-2 done']);
    for (const yz7 of yz7s) {
      const steps = yz7
        .stats()
        .history.map(({ added, drained, removed, undrained }) => ({ added, drained, removed, undrained }));
      const none = { added: [], drained: [], removed: [], undrained: [] };
      expect(steps).toEqual([
        { ...none, added: ['10.0.0.1:8030', '10.0.0.2:8030'] },
        { ...none, added: ['10.0.0.3:8030'] },
        { ...none, drained: ['10.0.0.1:8030'] },
        { ...none, removed: ['10.0.0.1:8030'] },
      ]);
    }
  });

  it('leaves a drained server its grace, counted from when every worker has the drain', async () => {
    await put([at(1)]);
    const [first] = gateways;
    const times: number[] = [];
    const noting = <T>(answer: Promise<T>): Promise<T> => answer.finally(() => times.push(performance.now()));
    const gateway = withOther(first!, {
      putSource: (...given) => {
        times.push(performance.now());
        return first!.putSource(...given);
      },
      status: (...given) => noting(first!.status(...given)),
    });
    await put([at(2)], { gateways: [gateway], drainGraceMs: 300 });
    const [, , , drained = 0, deleted = 0] = times;
    expect(times).toHaveLength(6);
    expect(deleted - drained).toBeGreaterThanOrEqual(299);
  });

  it('empties an upstream that is not named any more, once it may', async () => {
    await putServers({ gateways, source, upstreams: { 'shop.http': [at(1)], 'old.http': [at(9)] } });
    const { gateways: held } = await put([at(1)]);
    expect(
      held.map(({ outcome, upstreams }) => [outcome, upstreams.map(({ upstream, held: by }) => [upstream, by])]),
    ).toEqual(
      gateways.map(() => ['held', [['old.http', { guard: 'empty', by: 'writer', servers: ['10.0.0.9:8030'] }]]]),
    );
    expect(await there(gateways[0], 'old.http')).toEqual(['10.0.0.9 up']);
    const force = { reason: 'old is off', actor: 'ann' };
    expect(await outcomes(put([at(1)], { force }))).toEqual(['bc-1 done', 'bc-2 done']);
    expect(await there(gateways[1], 'old.http')).toEqual([]);
  });

  it('says that nothing is to be done, and writes nothing, the second time', async () => {
    await put([at(1)]);
    const revisions = yz7s.map((yz7) => yz7.stats().revision);
    expect(await outcomes(put([at(1)]))).toEqual(['bc-1 unchanged', 'bc-2 unchanged']);
    expect(yz7s.map((yz7) => yz7.stats().revision)).toEqual(revisions);
  });

  it('only looks in a dry run', async () => {
    await put([at(1)]);
    const { gateways: planned } = await put([at(1), at(2)], { dryRun: true });
    expect(planned[0]).toMatchObject({
      outcome: 'planned',
      upstreams: [{ upstream: 'shop.http', add: ['10.0.0.2:8030'] }],
    });
    expect(await outcomes(put([], { dryRun: true }))).toEqual(['bc-1 held', 'bc-2 held']);
    expect(await there(gateways[0])).toEqual(['10.0.0.1 up']);
    expect(yz7s[0]?.stats().claims[source]?.accepted).toBe(1);
  });

  it('claims above whoever was there, a claim that nobody has written with included', async () => {
    await put([at(1)]);
    await gateways[0]?.claim(source, { generation: generationOf(7, 0), writer: 'another' });
    expect(await outcomes(put([at(1), at(2)]))).toEqual(['bc-1 done', 'bc-2 done']);
    expect(await gateways[0]?.readSource('shop.http', source)).toMatchObject({ generation: generationOf(8, 1) });
    expect(await gateways[1]?.readSource('shop.http', source)).toMatchObject({ generation: generationOf(2, 1) });
  });

  it('tries a gateway that fails again, alone, and names it; the other one is done', async () => {
    await yz7s[1]?.faults.down(true);
    const troubles: string[] = [];
    const result = put([at(1)], {
      onTrouble: ({ gateway }) => {
        troubles.push(gateway);
        if (troubles.length === 2) void yz7s[1]?.faults.down(false);
      },
    });
    expect(await outcomes(result)).toEqual(['bc-1 done', 'bc-2 done']);
    expect(new Set(troubles)).toEqual(new Set(['bc-2']));
  });

  it('gives a gateway up at its deadline, and says why', async () => {
    await yz7s[1]?.faults.down(true);
    const { gateways: ends } = await put([at(1)], { deadlineMs: 600 });
    expect(ends).toMatchObject([
      { outcome: 'done', error: null },
      { outcome: 'failed', error: expect.stringMatching(/^UNREACHABLE: bc-2: /) as unknown },
    ]);
  });

  it('drains nothing while a worker lacks what comes, and names that worker', async () => {
    await put([at(1)]);
    yz7s[0]?.faults.lag('worker-2', 'stuck');
    const { gateways: ends } = await put([at(2)], { deadlineMs: 700 });
    expect(ends).toMatchObject([
      { outcome: 'failed', error: expect.stringMatching(/^TIMEOUT: bc-1: worker-2 without revision 2/) as unknown },
      { outcome: 'done' },
    ]);
    expect(await there(gateways[0])).toEqual(['10.0.0.1 up', '10.0.0.2 up']);
    yz7s[0]?.faults.lag('worker-2', 0);
    expect(await outcomes(put([at(2)]))).toEqual(['bc-1 done', 'bc-2 unchanged']);
    expect(await there(gateways[0])).toEqual(['10.0.0.2 up']);
  });

  it('goes on where a call was cut short between drain and delete', async () => {
    await put([at(1)]);
    const ending = new AbortController();
    const cut = put([at(2)], { drainGraceMs: 60_000, signal: ending.signal });
    await expect.poll(() => there(gateways[0])).toEqual(['10.0.0.1 drain', '10.0.0.2 up']);
    ending.abort(new Error('cut'));
    await expect(cut).rejects.toThrow();
    await put([at(2)]);
    expect(await there(gateways[0])).toEqual(['10.0.0.2 up']);
    expect(yz7s[0]?.stats().history.flatMap(({ undrained }) => undrained)).toEqual([]);
  });

  it("stops when the gateway's own guard refuses, and keeps what is there", async () => {
    await put([1, 2, 3, 4].map((one) => at(one)));
    const { gateways: ends } = await put([at(1)], { guards: { maxShrinkRatio: 1 } });
    expect(ends[0]).toMatchObject({ outcome: 'held', upstreams: [{ held: { by: 'gateway', guard: 'shrink' } }] });
    expect(await there(gateways[0])).toHaveLength(4);
  });

  it('does everything but what a gateway does not take', async () => {
    const upstreams = { 'shop.http': [at(1)], 'bad.http': [at(2, { labels: { color: 'not a label' } })] };
    const { gateways: ends } = await putServers({ gateways, source, upstreams });
    expect(ends[0]).toMatchObject({
      outcome: 'held',
      upstreams: [
        { upstream: 'bad.http', refused: expect.stringContaining('INVALID_SERVER') as unknown },
        { refused: null },
      ],
    });
    expect(await there(gateways[0])).toEqual(['10.0.0.1 up']);
  });

  it('ends when another writer claims the source while it writes', async () => {
    await put([at(1)]);
    const [first] = gateways;
    const result = put([at(1), at(2)], {
      gateways: [
        withOther(first!, {
          claim: async (...given) => {
            const answer = await first!.claim(...given);
            await first!.claim(source, { generation: generationOf(9, 0), writer: 'another' });
            return answer;
          },
        }),
      ],
    });
    expect((await result).gateways).toMatchObject([
      { outcome: 'failed', error: expect.stringMatching(/^STALE_GENERATION/) as unknown },
    ]);
    expect(await there(first)).toEqual(['10.0.0.1 up']);
  });

  it.each(['k8s.bc.bc-a', 'vm', 'vm.', 'vm.bc.1', 'manual.bc'])('refuses the source %j', async (name) => {
    await expect(put([at(1)], { source: name })).rejects.toMatchObject({ code: 'SERVERS_SOURCE' });
  });
});
