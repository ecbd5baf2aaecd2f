import { describe, expect, it } from 'vitest';
import { initialState, type SyncEvent } from '../../src/k8s-sync/core/index.js';
import { type ReplayedStep, replay, replayJournal } from '../../src/k8s-sync/index.js';
import { eventLine, snapshotLine } from '../../src/k8s-sync/journal.js';
import { configOf, Play, sliceOf, upstream } from './core/play.js';

const start = '2026-03-01T10:00:00.000Z';
const list: SyncEvent = {
  type: 'slices',
  changes: [
    { kind: 'replaced', slices: { [upstream]: sliceOf({ a: 'ready' }) }, resourceVersion: '2' },
    { kind: 'connected' },
  ],
};
const events: readonly SyncEvent[] = [
  { type: 'heartbeat', resourceVersion: '1' },
  list,
  { type: 'leading', epoch: 1 },
  { type: 'claimed', gateway: 'g1', generation: String(1n << 32n), storeId: 'store-1' },
  { type: 'sources', gateway: 'g1', look: 1, sources: [] },
  { type: 'freeze', actor: 'ann', reason: 'the rack is off' },
];
const text = [
  snapshotLine(initialState(configOf()), 500, start),
  ...events.map((event, index) => eventLine(event, 1000 + 500 * index)),
].join('');
const lines = text.split('\n');

async function play(from: Iterable<string>): Promise<ReplayedStep[]> {
  const steps: ReplayedStep[] = [];
  for await (const step of replayJournal(from)) steps.push(step);
  return steps;
}

describe('replayJournal', () => {
  it('tells what happened when, and what came of it', async () => {
    const told = (await play(lines)).map(({ time, said, effects }) => [time?.slice(17, 23), said, effects]);
    expect(told).toEqual([
      ['00.000', 'the syncer of bc-a starts as me', []],
      ['00.500', 'heartbeat 1', []],
      ['01.000', 'list of 1 slice; the watch is open', ['syncing -> live: the watch is open']],
      ['01.500', 'leads with epoch 1', ['claim g1 with epoch 1']],
      ['02.000', 'g1 took the claim of epoch 1', ['ask g1 for the source']],
      ['02.500', 'g1 has 0 upstreams of the source', ['write shop.http to g1: 1 up']],
      ['03.000', 'freeze by ann: the rack is off', []],
    ]);
  });

  it('ends in the state that the journal ends in, and tells it as an operator would have read it then', async () => {
    const last = (await play(lines)).at(-1)!;
    expect(last.state).toEqual(replay(text));
    expect(last).toMatchObject({ line: 8, kind: 'event', event: 'freeze' });
    expect(last.status()).toMatchObject({
      phase: 'live',
      phaseForMs: 2000,
      frozenByOperator: { forMs: 0, actor: 'ann', reason: 'the rack is off' },
      upstreams: [{ upstream: 'shop.http', ready: 1 }],
    });
  });

  it('tells no wall clock where the journal has none', async () => {
    const [first] = await play([snapshotLine(initialState(configOf()), 0).trim()]);
    expect(first).toMatchObject({ time: null, at: 0 });
  });

  it('leaves out a line that was torn at the end, and says so', async () => {
    const steps = await play(text.slice(0, -20).split('\n'));
    expect(steps.at(-1)).toMatchObject({ line: 8, kind: 'torn', said: expect.stringContaining('torn') as string });
    expect(steps.at(-1)!.state).toEqual(replay(text.slice(0, -20)));
  });

  it('goes on with the next process after a line that was torn', async () => {
    const steps = await play(`${text.slice(0, -20)}${text}`.split('\n'));
    expect(steps.map(({ kind }) => kind).filter((kind) => kind !== 'event')).toEqual(['snapshot', 'torn', 'snapshot']);
    expect(steps.at(-1)!.status()!.frozenByOperator).not.toBeNull();
  });

  it.each<[string, string[], string]>([
    [
      'no JSON in its middle',
      [...lines.slice(0, 3), '{"at":1,', ...lines.slice(3)],
      'line 4 of the journal is no JSON',
    ],
    ['a whole last line that is no JSON', [...lines.slice(0, 3), '{"at":1,', ''], 'line 4 of the journal is no JSON'],
    ['something else', [...lines.slice(0, 3), '42'], 'line 4 of the journal is neither a snapshot nor an event'],
    [
      'an event of another version',
      [...lines.slice(0, 3), '{"at":1,"event":{"type":"meet"}}'],
      'line 4 of the journal is neither a snapshot nor an event',
    ],
    [
      'an event without what it needs',
      [...lines.slice(0, 3), '{"at":9999,"event":{"type":"slices"}}'],
      "line 4 of the journal can't be played: the event does not fit the state",
    ],
    ['an event first', lines.slice(2), 'line 1 of the journal comes before any snapshot'],
    ['nothing', [], 'the journal is empty'],
  ])('is refused with %s', async (_what, journal, message) => {
    await expect(play(journal)).rejects.toMatchObject({ code: 'JOURNAL_INVALID', message });
  });

  it.each<[string, (p: Play) => unknown, string]>([
    ['a change of a slice', (p) => p.see({ a: 'ready', b: 'not-ready' }), 'slice shop.http: 1 of 2 endpoints ready'],
    ['a watch that broke', (p) => p.breakWatch(), 'the watch broke: reset'],
    [
      'a proof',
      (p) => p.proof({ a: 'gone' }, ['default/shop']),
      'pods of shop.http: 10.0.0.1:8030 gone, Service default/shop gone',
    ],
  ])('has a sentence for %s', async (_what, happen, said) => {
    const played = Play.live({ a: 'ready', b: 'ready' });
    const taken: SyncEvent[] = [];
    const snapshot = snapshotLine(played.state, played.now).trim();
    const take = played.take.bind(played);
    played.take = (event, afterMs) => {
      taken.push(event);
      return take(event, afterMs);
    };
    happen(played);
    const steps = await play([snapshot, ...taken.map((event) => eventLine(event, played.now).trim())]);
    expect(steps.at(-1)).toMatchObject({ said, state: played.state });
  });
});
