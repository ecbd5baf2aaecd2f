import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { syncMetrics } from '../../src/exporters/index.js';

const page = readFileSync(fileURLToPath(new URL('../../docs/k8s-sync.md', import.meta.url)), 'utf8');

it('docs/k8s-sync.md lists every metric with its type and labels, and no other', () => {
  const rows = page.split('\n').flatMap((line) => {
    const [, name, type, labels] = /^\| `(youzan_sync_\w+)` \| (\w+)[^|]* \| ([^|]*) \|$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, type, labels: labels?.split(', ') }];
  });
  const table = Object.values(syncMetrics).map(({ name, type, labels }) => ({ name, type, labels: [...labels] }));
  const byName = (left: { name: string }, right: { name: string }): number => (left.name < right.name ? -1 : 1);
  expect(rows.sort(byName)).toEqual(table.sort(byName));
});
