import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPage, root } from './page.js';

const pages = readdirSync(`${root}docs`).filter((name) => name.endsWith('.md'));
const examples = pages.flatMap((name) =>
  [...readPage(name).matchAll(/<!-- example: (\S+) -->\n```ts\n([\s\S]*?)^```$/gm)].map(([, file = '', code = '']) => ({
    name,
    file,
    code,
  })),
);

/** What a heading is called in a link. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));

describe('the pages in docs', () => {
  it.each(examples)('$name shows $file as it is in the repository, where it is compiled and run', ({ file, code }) => {
    expect(code).toBe(readFileSync(join(root, file), 'utf8'));
  });

  it('show at least one example each of conventions and rich-container', () => {
    expect(examples.map(({ name }) => name)).toEqual(expect.arrayContaining(['conventions.md', 'rich-container.md']));
  });

  it.each(pages)('%s links to what exists', (name) => {
    const links = [...readPage(name).matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, target = '']) => target);
    const broken = links.filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(root, 'docs', name) : join(root, dirname(`docs/${name}`), path);
      return !existsSync(file) || (anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor));
    });
    expect(broken).toEqual([]);
  });
});
