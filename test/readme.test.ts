import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');

describe('README.md', () => {
  const blocks = [...readme.matchAll(/<!-- example: (\S+) -->\n```ts\n([\s\S]*?)```/g)];

  it('shows an example for each of the three uses', () => {
    expect(blocks.map(([, file]) => file)).toEqual([
      'examples/construct/main.ts',
      'examples/embed/main.ts',
      'examples/exporters/main.ts',
    ]);
  });

  it.each(blocks.map(([, file, code]) => [file!, code!]))(
    'shows %s as it is in the repository, where it is run',
    (file, code) => {
      expect(code).toBe(readFileSync(`${root}${file}`, 'utf8'));
    },
  );

  it('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target]) => target!);
    expect(links.filter((target) => !existsSync(`${root}${target}`))).toEqual([]);
  });
});
