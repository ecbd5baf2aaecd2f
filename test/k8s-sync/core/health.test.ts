import { describe, expect, it } from 'vitest';
import { Play } from './play.js';

describe('the sight of a cluster', () => {
  const live = () => Play.live({ a: 'ready', b: 'ready' });

  it('takes the time that has passed into account before anything else: a process that stood still decides nothing', () => {
    const play = live();
    expect(play.see({ a: 'ready', b: 'not-ready' }, 30_000)).toEqual(['live -> frozen']);
    expect(play.state.health.phase).toBe('frozen');
  });
});
