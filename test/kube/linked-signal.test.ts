import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { linkSignals } from '../../src/kube/linked-signal.js';

it('aborts with the first of its signals, and its reason', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const { signal } = linkSignals(undefined, one.signal, other.signal);
  expect(signal.aborted).toBe(false);
  other.abort('enough');
  one.abort('late');
  expect([signal.aborted, signal.reason]).toEqual([true, 'enough']);
});

it('is aborted from the beginning where one of them is', () => {
  const alive = new AbortController().signal;
  const { signal } = linkSignals(alive, AbortSignal.abort('before'), alive);
  expect([signal.aborted, signal.reason]).toEqual([true, 'before']);
});

it('leaves nothing in a signal that outlives it, and follows it no longer', () => {
  const long = new AbortController();
  const links = Array.from({ length: 20 }, () => linkSignals(long.signal));
  expect(getEventListeners(long.signal, 'abort')).toHaveLength(20);
  for (const link of links) link.release();
  links[0]?.release();
  expect(getEventListeners(long.signal, 'abort')).toEqual([]);
  long.abort();
  expect(links.map(({ signal }) => signal.aborted)).not.toContain(true);
});
