import { expect, it } from 'vitest';
import { explore } from './explore.js';
import { hunt } from './hunt.js';
import { mutate, sourceOf } from './mutant.js';
import { mutations } from './mutations.js';
import { scriptOf } from './script.js';
import { shipped } from './shipped.js';
import { worlds } from './worlds.js';

const worldOf = (name: string) => {
  const world = worlds.find((one) => one.name === name);
  if (world === undefined) throw new Error(`there is no world ${name}`);
  return world;
};

it.each(['one-pod-flaps', 'start-calls', 'two-pods', 'three-pods-flap', 'three-pods-refused'])(
  'keeps every rule in every state of the world "%s"',
  (name) => {
    const world = worldOf(name);
    const { broken, isComplete } = explore(world, shipped);
    expect(broken && scriptOf({ world, shipped }, broken).join('\n')).toBeUndefined();
    expect(isComplete).toBe(true);
  },
);

it('fails when a world does not come to its end within the bound', () => {
  expect(explore(worldOf('two-pods'), shipped, { maxStates: 100 })).toMatchObject({
    isComplete: false,
    broken: undefined,
  });
});

it('tells the shortest way to a rule that is broken as a script', () => {
  const world = worldOf('two-pods');
  const blind = {
    ...shipped,
    comparePublished: () => ({ published: true, servers: [], missing: [], extra: [], reasons: [] }),
  };
  const { broken } = explore(world, blind);
  expect(scriptOf({ world, shipped: blind }, broken!)).toEqual([
    'two-pods: one pod comes, another turns not ready',
    '  1. pod a turns not ready',
    'BROKEN barrier: shop counts as published, and its pods are not ready yet',
  ]);
});

it('has mutations whose text stands in the shipped code once', async () => {
  for (const mutation of mutations)
    expect(mutate(mutation, await sourceOf(mutation))).not.toBe(await sourceOf(mutation));
});

it.each(['the shrink guard', 'the drain before the delete', 'the repair of drift'])(
  'finds that %s is off',
  async (name) => {
    const mutation = mutations.find((one) => one.name === name);
    expect((await hunt(mutation!)).foundIn).toBeDefined();
  },
);
