import { expect, it } from 'vitest';
import { Timers } from '../../src/k8s-sync/timers.js';
import { FakeClock } from '../kube/fake-clock.js';

it('fires each once, and a later timer of a name takes the place of an earlier one', async () => {
  const clock = new FakeClock();
  const fired: string[] = [];
  const timers = new Timers<'a' | 'b'>(clock, (name) => fired.push(`${name} at ${clock.now()}`));
  timers.set('a', 10);
  timers.set('b', 20);
  timers.set('a', 30);
  await clock.advance(100);
  expect(fired).toEqual(['b at 20', 'a at 30']);
  timers.set('a', 10);
  timers.clear();
  expect(clock.waiting).toEqual([]);
  await clock.advance(100);
  expect(fired).toHaveLength(2);
});
