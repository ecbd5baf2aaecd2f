import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('loads prom-client only when an exporter is made', () => {
  const folder = fileURLToPath(new URL('../../src/exporters/', import.meta.url));
  const eager = readdirSync(folder).filter((file) =>
    /^import (?!type )[^;]*from 'prom-client'/m.test(readFileSync(`${folder}${file}`, 'utf8')),
  );
  expect(eager).toEqual([]);
});
