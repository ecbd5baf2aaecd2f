import { describe, expect, it } from 'vitest';
import { moduleNames } from './binaries/modules.js';
import { readRecipe, requiredVersion } from './binaries/recipe.js';

describe('a required version', () => {
  it.each([
    ['in a block', 'require (\n\texample.com/a v1.2.3\n\texample.com/b v2.0.0\n)\n'],
    ['on a line of its own', 'require example.com/a v1.2.3\n'],
    ['marked as indirect', 'require (\n\texample.com/a v1.2.3 // indirect\n)\n'],
  ])('is found %s', (_, goMod) => {
    expect(requiredVersion(goMod, 'example.com/a')).toBe('v1.2.3');
  });

  it('is not that of a module whose path only begins so, nor of a replacement', () => {
    const goMod = 'require example.com/a/b v1.0.0\nreplace example.com/a => example.com/a v1.1.1\n';
    expect(requiredVersion(goMod, 'example.com/a')).toBeUndefined();
  });
});

describe('a recipe', () => {
  const recipes = moduleNames.map(readRecipe);

  it('knows the version of what it builds', () => {
    for (const { version } of recipes) expect(version).toMatch(/^v\d/);
  });

  it('has a place in the cache that no other has', () => {
    expect(new Set(recipes.map(({ target }) => target)).size).toBe(moduleNames.length);
    expect(recipes.map(({ target }) => target.split('/').at(-1))).toEqual(moduleNames);
  });

  it('tells Kubernetes its version, as clients ask for it', () => {
    const { flags, version } = readRecipe('kubernetes');
    expect(flags.at(-1)).toContain(`-X k8s.io/component-base/version.gitVersion=${version}`);
  });
});
