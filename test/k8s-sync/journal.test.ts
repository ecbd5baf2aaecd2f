import { describe, expect, it } from 'vitest';
import { replay } from '../../src/k8s-sync/index.js';
import { eventLine, snapshotLine } from '../../src/k8s-sync/journal.js';
import { initialState, step, type SyncEvent } from '../../src/k8s-sync/core/index.js';
import { configOf, sliceOf, upstream } from './core/play.js';

const events: readonly SyncEvent[] = [
  { type: 'heartbeat', resourceVersion: '1' },
  {
    type: 'slices',
    changes: [
      { kind: 'replaced', slices: { [upstream]: sliceOf({ a: 'ready' }) }, resourceVersion: '2' },
      { kind: 'connected' },
    ],
  },
  { type: 'leading', epoch: 1 },
];
const start = initialState(configOf());
const lines = [snapshotLine(start, 0), ...events.map((event, index) => eventLine(event, 1000 * index))];

describe('a journal', () => {
  it('plays back to the state that its events led to, at their times', () => {
    const state = events.reduce((before, event, index) => step(before, event, 1000 * index).state, start);
    expect(replay(lines.join(''))).toEqual(state);
    expect(state.health).toMatchObject({ phase: 'live', heartbeatAt: 0, listedAt: 1000 });
  });

  it('begins anew with each snapshot: the syncer was started again', () => {
    expect(replay([...lines, snapshotLine(start, 9000)].join(''))).toEqual(start);
  });

  it('is played up to its last whole line: the process may have died while it wrote', () => {
    const whole = replay(lines.slice(0, 3).join(''));
    expect(replay(lines.join('').slice(0, -10))).toEqual(whole);
  });

  it('goes on after a line that was torn, when the next process has begun its own part', () => {
    const torn = lines.join('').slice(0, -10);
    expect(replay([torn, snapshotLine(start, 0), ...lines.slice(1, 3)].join(''))).toEqual(
      replay(lines.slice(0, 3).join('')),
    );
  });

  it.each([
    ['is empty', '', 'the journal is empty'],
    ['begins with an event', lines[1] ?? '', 'line 1 of the journal comes before any snapshot'],
    ['is damaged in its middle', `${lines[0] ?? ''}{"at":1,"ev\n${lines[1] ?? ''}`, 'line 3 of the journal is no JSON'],
  ])('is refused when it %s', (_what, journal, message) => {
    expect(() => replay(journal)).toThrow(expect.objectContaining({ code: 'JOURNAL_INVALID', message }));
  });
});
