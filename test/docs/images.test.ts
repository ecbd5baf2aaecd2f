import { describe, expect, it } from 'vitest';
import { imageLayers } from '../../src/app-yaml/index.js';
import { youzanConventions } from '../../src/conventions/index.js';
import { text, warnings } from './examples/images.js';
import { columns, readPage, sectionOf, tableOf } from './page.js';

const page = readPage('images.md');
const { stacks, runtimes, user } = youzanConventions.images;
const pinned = 'registry.example/base/runtime/python-3.11:youzanyun-debian12@sha256:3333';

describe('docs/images.md', () => {
  it('lists the layers, and the user that they end with', () => {
    expect(columns(tableOf(page, 'Images in three layers'), 0).flat()).toEqual([...imageLayers]);
    expect(page).toContain(`\`USER ${user.id}:${user.id}\``);
  });

  it('lists the stacks', () => {
    const expected = Object.entries(stacks).map(([name, { base, packageManager }]) => [
      name,
      base.reference,
      packageManager,
    ]);
    expect(tableOf(page, 'The catalogue')).toEqual(expected);
  });

  it('lists the runtimes', () => {
    const [, second = ''] = sectionOf(page, 'The catalogue').split('\n\n| runtime');
    const expected = Object.entries(runtimes).map(([name, { packages, programs }]) => [
      name,
      Object.keys(packages).join(', '),
      programs.join(', '),
    ]);
    expect(tableOf(`## Runtimes\n| runtime${second}`, 'Runtimes')).toEqual(expected);
  });

  it('has an example that is pinned', () => {
    expect([text.slice(5, 5 + pinned.length), warnings]).toEqual([pinned, []]);
  });
});
