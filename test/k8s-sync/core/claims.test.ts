import { describe, expect, it } from 'vitest';
import { generationOf } from '../../../src/k8s-sync/core/index.js';
import { failure, Play } from './play.js';

describe('claims', () => {
  it('does not take the answer to an earlier claim for the answer to the present one', () => {
    const play = new Play();
    play.lead(1);
    play.take({ type: 'not-leading' });
    expect(play.lead(3)).toEqual(['claim g1 3']);
    expect(play.take({ type: 'claimed', gateway: 'g1', generation: generationOf(1, 0), storeId: 's' })).toEqual([]);
    const old = {
      type: 'claim-failed',
      gateway: 'g1',
      generation: generationOf(1, 0),
      failure: failure('TIMEOUT'),
    } as const;
    play.take(old);
    expect(play.take({ type: 'claimed', gateway: 'g1', generation: generationOf(3, 0), storeId: 's' })).toEqual([
      'read-sources g1',
    ]);
  });
});
