import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReleaseInput, ReleaseState } from '../../src/release/index.js';
import { stepRelease } from '../../src/release/index.js';
import { begin, type Place, Play, sight } from './simulate.js';

const two: readonly Place[] = [
  { cluster: 'bc-a', idc: 'bc' },
  { cluster: 'bc-b', idc: 'bc' },
];
const start = (...options: Parameters<typeof begin> extends [unknown, ...infer Rest] ? Rest : never): Play => {
  const play = new Play(begin(two, ...options));
  play.take({ type: 'start' });
  return play;
};

describe('stepRelease', () => {
  it('goes through one cluster and only then to the next', () => {
    const play = start();
    expect(play.effects).toEqual([{ type: 'apply', cluster: 'bc-a' }]);
    expect(play.apply('bc-a')).toEqual([{ type: 'look', cluster: 'bc-a', afterMs: 0 }]);
    expect(play.see('bc-a')).toEqual([{ type: 'look', cluster: 'bc-a', afterMs: 250 }]);
    expect(play.see('bc-a', { done: true, ready: ['a'] })).toEqual([{ type: 'look', cluster: 'bc-a', afterMs: 0 }]);
    expect(play.phase('bc-a')).toBe('publishing');
    play.see('bc-a', { done: true, ready: ['a'] });
    expect(play.phase('bc-a')).toBe('soaking');
    expect(play.see('bc-a', { done: true, ready: ['a'] }, 999)).toEqual([
      { type: 'look', cluster: 'bc-a', afterMs: 1 },
    ]);
    expect(play.see('bc-a', { done: true, ready: ['a'] }, 1)).toEqual([{ type: 'finish', cluster: 'bc-a' }]);
    expect(play.take({ type: 'finished', cluster: 'bc-a' })).toEqual([{ type: 'apply', cluster: 'bc-b' }]);
    play.apply('bc-b');
    expect(play.pass('bc-b')).toEqual([{ type: 'end' }]);
    expect(play.state.clusters.map(({ phase }) => phase)).toEqual(['succeeded', 'succeeded']);
  });

  it('holds the rollout when a ready pod stays unpublished, in time before the next old pod may go', () => {
    const play = start();
    play.apply('bc-a');
    play.see('bc-a', { ready: ['a'], missing: ['a'] });
    expect(play.see('bc-a', { ready: ['a'], missing: ['a'] }, 2900)).toEqual([
      { type: 'look', cluster: 'bc-a', afterMs: 100 },
    ]);
    const [effect] = play.see('bc-a', { ready: ['a'], missing: ['a'] }, 100);
    expect(effect).toMatchObject({ type: 'conclude', pause: true, failure: { code: 'RELEASE_NOT_PUBLISHED' } });
    expect(JSON.stringify(effect)).toContain(
      'pod pod-a (a, 10.0.0.1:8030) is ready but does not serve trade-core.http at bc-1',
    );
    const failure = { code: 'RELEASE_NOT_PUBLISHED', message: 'x' } as const;
    expect(play.take({ type: 'concluded', cluster: 'bc-a', failure })).toEqual([{ type: 'end' }]);
    expect(play.phase('bc-b')).toBe('untouched');
  });

  it('counts a pod anew that was published in between', () => {
    const play = start();
    play.apply('bc-a');
    play.see('bc-a', { ready: ['a'], missing: ['a'] });
    play.see('bc-a', { ready: ['a'] }, 2900);
    play.see('bc-a', { ready: ['a'], missing: ['a'] }, 100);
    play.see('bc-a', { ready: ['a'], missing: ['a'] }, 2900);
    expect(play.phase('bc-a')).toBe('rolling');
  });

  it('leaves the rollout alone when the gate is off', () => {
    const play = start({}, { gate: false });
    play.apply('bc-a');
    play.see('bc-a', { ready: ['a'], missing: ['a'] });
    play.see('bc-a', { ready: ['a'], missing: ['a'] }, 9000);
    expect(play.phase('bc-a')).toBe('rolling');
  });

  const blind: ReleaseInput = { type: 'blind', cluster: 'bc-a', message: 'no answer' };
  it.each<[string, (play: Play) => unknown, object]>([
    [
      'a rollout that is not done in time',
      (play) => play.see('bc-a', {}, 10_000),
      { failure: { code: 'RELEASE_PROGRESS_DEADLINE' }, pause: true, diagnose: true },
    ],
    [
      'a cluster that cannot be seen',
      (play) => play.take(blind, 10_000),
      { failure: { code: 'RELEASE_PROGRESS_DEADLINE' }, pause: true },
    ],
    [
      'a controller that gives up',
      (play) => play.see('bc-a', { stalled: 'timed out' }),
      { failure: { code: 'RELEASE_PROGRESS_DEADLINE' } },
    ],
    [
      'another template',
      (play) => play.see('bc-a', { superseded: true }),
      { failure: { code: 'RELEASE_SUPERSEDED' }, pause: false },
    ],
    [
      "someone else's pause",
      (play) => play.see('bc-a', { paused: true }),
      { failure: { code: 'RELEASE_PAUSED' }, pause: false },
    ],
    [
      'a rollout that stays unpublished',
      (play) => {
        play.see('bc-a', { done: true, ready: ['a'], missing: ['a'] });
        play.see('bc-a', { done: true, ready: ['a'], missing: ['a'] }, 3000);
      },
      { failure: { code: 'RELEASE_NOT_PUBLISHED' }, pause: false },
    ],
  ])('fails for %s', (_, act, expected) => {
    const play = start();
    play.apply('bc-a');
    act(play);
    expect(play.effects.at(-1)).toMatchObject({ type: 'conclude', cluster: 'bc-a', ...expected });
  });

  it('begins the soak anew when what was published is lost, but not for ever', () => {
    const play = start();
    play.apply('bc-a');
    const good = { done: true, ready: ['a'] };
    play.see('bc-a', good);
    for (let turn = 1; turn <= 3; turn += 1) {
      play.see('bc-a', good);
      play.see('bc-a', { ...good, missing: ['a'] }, 900);
      expect(play.phase('bc-a')).toBe('publishing');
    }
    play.see('bc-a', good);
    play.see('bc-a', { ...good, missing: ['a'] });
    expect(play.phase('bc-a')).toBe('concluding');
  });

  it('goes back to rolling when pods are added while it soaks', () => {
    const play = start();
    play.apply('bc-a');
    play.see('bc-a', { done: true, ready: ['a'] });
    play.see('bc-a', { done: true, ready: ['a'] });
    play.see('bc-a', { done: false, ready: ['a'] });
    expect(play.phase('bc-a')).toBe('rolling');
  });

  it('starts the next cluster at once when told not to wait: for tests of tests', () => {
    const play = start({}, { publishBeforeNext: false });
    expect(play.apply('bc-a')).toContainEqual({ type: 'apply', cluster: 'bc-b' });
  });

  it('pauses what is on its way when it is aborted, and starts nothing more', () => {
    const play = start();
    play.apply('bc-a');
    const [effect, ...others] = play.take({ type: 'aborted' });
    expect(effect).toMatchObject({
      type: 'conclude',
      cluster: 'bc-a',
      pause: true,
      failure: { code: 'RELEASE_ABORTED' },
    });
    expect(others).toEqual([]);
    play.take({ type: 'concluded', cluster: 'bc-a', failure: { code: 'RELEASE_ABORTED', message: 'x' } });
    expect(play.state).toMatchObject({ ended: true, aborted: true });
  });

  it('waits for a write that is under way when it is aborted', () => {
    const play = start();
    expect(play.take({ type: 'aborted' })).toEqual([]);
    expect(play.apply('bc-a')).toMatchObject([{ type: 'conclude', pause: true }]);
  });

  it('never has two clusters of one IDC at once, and never overtakes', () => {
    const places = [...two, { cluster: 'bd-a', idc: 'bd' }];
    const play = new Play(begin([places[0]!, places[2]!, places[1]!], { maxConcurrency: 3 }));
    expect(play.take({ type: 'start' }).map((effect) => 'cluster' in effect && effect.cluster)).toEqual([
      'bc-a',
      'bd-a',
    ]);
    play.apply('bd-a');
    play.apply('bc-a');
    expect(play.pass('bc-a')).toEqual([{ type: 'apply', cluster: 'bc-b' }]);
  });

  it('goes on after as many failures as the policy allows', () => {
    const play = start({ maxFailures: 1 });
    const failure = { code: 'RELEASE_APPLY_FAILED', message: 'x' } as const;
    play.take({ type: 'apply-failed', cluster: 'bc-a', failure, rolling: false });
    expect(play.take({ type: 'concluded', cluster: 'bc-a', failure })).toEqual([{ type: 'apply', cluster: 'bc-b' }]);
  });

  it('can be stored and taken up at any point: the state is plain data', () => {
    const play = start();
    play.apply('bc-a');
    play.see('bc-a', { ready: ['a'], missing: ['a'] });
    const copy = JSON.parse(JSON.stringify(play.state)) as ReleaseState;
    const input: ReleaseInput = { type: 'seen', cluster: 'bc-a', sight: sight({ done: true, ready: ['a'] }) };
    expect(stepRelease(copy, input, play.now)).toEqual(stepRelease(play.state, input, play.now));
  });
});

describe('stepRelease, whatever happens', () => {
  const places: readonly Place[] = [...two, { cluster: 'bd-a', idc: 'bd' }, { cluster: 'bd-b', idc: 'bd' }];
  const change = fc.record(
    {
      done: fc.boolean(),
      ready: fc.subarray(['a', 'b']),
      superseded: fc.boolean(),
      paused: fc.boolean(),
      lacks: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const answers = fc.array(
    fc.tuple(fc.nat({ max: 5 }), change, fc.integer({ min: 0, max: 6000 }), fc.nat({ max: 9 })),
    { maxLength: 80 },
  );

  it('ends, never works on two clusters of one IDC, and never applies after a failure', () => {
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 3 }), (script, maxConcurrency) => {
        const play = new Play(begin(places, { maxConcurrency }));
        let open = [...play.take({ type: 'start' })];
        let failed = false;
        const choose = [...script];
        for (let turn = 0; turn < 2000 && !play.state.ended; turn += 1) {
          const [which, { lacks, ...seen }, afterMs, luck] = choose.shift() ?? [
            0,
            { done: true, ready: ['a'] },
            1000,
            5,
          ];
          const effect = open.splice(which % open.length, 1)[0];
          if (effect === undefined || !('cluster' in effect)) throw new Error('something should be under way');
          const { cluster } = effect;
          let input: ReleaseInput;
          if (effect.type === 'apply') {
            expect(failed).toBe(false);
            const failure = { code: 'RELEASE_APPLY_FAILED', message: 'x' } as const;
            input =
              luck === 0
                ? { type: 'apply-failed', cluster, failure, rolling: false }
                : { type: 'applied', cluster, revision: 1 };
          } else if (effect.type === 'look') {
            const { ready = [] } = seen;
            const change = { ...seen, ready, missing: lacks === true ? ready : [] };
            input =
              luck === 1 ? { type: 'blind', cluster, message: 'x' } : { type: 'seen', cluster, sight: sight(change) };
          } else if (effect.type === 'finish') input = { type: 'finished', cluster };
          else input = { type: 'concluded', cluster, failure: effect.failure };
          const next = play.take(input, afterMs);
          open = [...open, ...next.filter(({ type }) => type !== 'end')];
          const busy = play.state.clusters.filter(
            ({ phase }) => !['waiting', 'succeeded', 'failed', 'untouched'].includes(phase),
          );
          expect(busy.length).toBeLessThanOrEqual(maxConcurrency);
          expect(new Set(busy.map(({ idc }) => idc)).size).toBe(busy.length);
          expect(open.map((one) => 'cluster' in one && one.cluster).sort()).toEqual(
            busy.map((one) => one.cluster).sort(),
          );
          failed ||= play.state.clusters.some(({ phase }) => phase === 'concluding' || phase === 'failed');
        }
        expect(play.state.ended).toBe(true);
        const applied = play.effects
          .filter(({ type }) => type === 'apply')
          .map((effect) => 'cluster' in effect && effect.cluster);
        for (const { cluster, phase } of play.state.clusters)
          expect(applied.includes(cluster)).toBe(phase !== 'untouched');
      }),
      { numRuns: 300 },
    );
  });

  it('succeeds in a cluster only after it was published throughout a whole soak', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.integer({ min: 50, max: 900 })), {
          minLength: 5,
          maxLength: 60,
        }),
        (looks) => {
          const play = start({ publishDeadlineMs: 5000, progressDeadlineMs: 100_000 });
          play.apply('bc-a');
          let goodSince: number | undefined;
          for (const [done, lacks, afterMs] of looks) {
            const good = done && !lacks;
            play.see('bc-a', { done, ready: ['a'], missing: lacks ? ['a'] : [] }, afterMs);
            goodSince = good ? (goodSince ?? play.now) : undefined;
            if (play.phase('bc-a') !== 'finishing') continue;
            expect(good).toBe(true);
            expect(play.now - (goodSince ?? play.now)).toBeGreaterThanOrEqual(1000);
            return;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
