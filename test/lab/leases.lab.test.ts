import { beforeEach, describe, expect, it } from 'vitest';
import { createLeases, type Leases } from './lab/leases.js';

describe('the leases of clusters', () => {
  let leases: Leases;
  let granted: string[];
  const take = (holder: string, ...names: readonly string[]): void => {
    void leases.take(names, holder).then(() => granted.push(`${holder}: ${names.join(' ')}`));
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  beforeEach(() => {
    leases = createLeases();
    granted = [];
  });

  it('are given to one at a time, in the order of asking', async () => {
    take('one', 'bc-a');
    take('two', 'bc-a');
    take('three', 'bc-a');
    await settled();
    expect(granted).toEqual(['one: bc-a']);
    leases.release('one');
    await settled();
    expect(granted).toEqual(['one: bc-a', 'two: bc-a']);
  });

  it('are given at once to who has them, and to who asks for others', async () => {
    take('one', 'bc-a');
    take('one', 'bc-a', 'bc-b');
    take('two', 'kube');
    await settled();
    expect(granted).toEqual(['one: bc-a', 'one: bc-a bc-b', 'two: kube']);
  });

  it('are taken all or none, and nobody gets past one that waits for the same', async () => {
    take('one', 'bc-a');
    take('two', 'bc-a', 'bc-b');
    take('three', 'bc-b');
    await settled();
    expect(granted).toEqual(['one: bc-a']);
    leases.release('one');
    await settled();
    expect(granted).toEqual(['one: bc-a', 'two: bc-a bc-b']);
  });

  it('are not given to who has gone', async () => {
    take('one', 'bc-a');
    take('two', 'bc-a');
    leases.release('two');
    leases.release('one');
    take('three', 'bc-a');
    await settled();
    expect(granted).toEqual(['one: bc-a', 'three: bc-a']);
  });
});
