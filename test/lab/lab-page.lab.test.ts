import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { columns, readPage, root, tableOf } from '../docs/page.js';
import { moduleNames } from './binaries/modules.js';
import { clusterFaults } from './cluster/lab-cluster.js';

const file = 'contributing/lab.md';
const page = readPage(file);

describe('the page on the lab', () => {
  it('shows its example as it is in the repository, where it is run', () => {
    const [, path = '', code] = /<!-- example: (\S+) -->\n```ts\n([\s\S]*?)^```$/m.exec(page) ?? [];
    expect(code).toBe(readFileSync(join(root, path), 'utf8'));
  });

  it('lists every fault', () => {
    const listed = columns(tableOf(page, 'Faults'), 0).flatMap(([names = '']) => names.split(', '));
    expect([...listed].sort()).toEqual([...clusterFaults].sort());
  });

  it('names commands that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const named = columns(tableOf(page, 'Commands'), 0).map(([command = '']) => command.split(' ')[2]);
    expect(named.filter((name) => name === undefined || scripts[name] === undefined)).toEqual([]);
    for (const script of Object.keys(scripts).filter((name) => name.includes('lab'))) expect(named).toContain(script);
  });

  it('names every module that is built', () => {
    const built = moduleNames.filter((name) => name !== 'kubernetes').map((name) => `${name}/`);
    for (const folder of built) expect(page).toContain(`\`${folder}\``);
  });

  it('links to what exists', () => {
    const links = [...page.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target = '']) => target);
    const broken = links.filter((target) => !existsSync(join(root, 'docs', dirname(file), target)));
    expect(links.length).toBeGreaterThan(0);
    expect(broken).toEqual([]);
  });
});
