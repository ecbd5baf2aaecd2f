// The tables of the page are generated from the data. After a change of a rule:
//   UPDATE_DOCS=1 npx vitest run test/docs/rules.test.ts
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rules, synthApp } from '../../constructs/index.js';
import { fieldVersions } from '../../constructs/rules/field-versions.js';
import { propRules } from '../../constructs/rules/prop-rules.js';
import { demoSpec, propsOf } from '../constructs/specs.js';
import { chart, findings } from './examples/rules.js';
import { blocksOf, readPage, root, sectionOf } from './page.js';

const name = 'rules.md';

function expectTable(heading: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const table = [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
  if (process.env['UPDATE_DOCS'] === '1') {
    const page = readPage(name);
    const section = sectionOf(page, heading);
    writeFileSync(
      `${root}docs/${name}`,
      page.replace(section, () => section.replace(/^\|[\s\S]*\|$/m, () => table)),
    );
  }
  expect(sectionOf(readPage(name), heading)).toContain(`\n${table}\n`);
}

it('docs/rules.md lists every rule', () => {
  const rows = rules.map(({ id, severity, what, why, fix }) => [`\`${id}\``, severity, what, why, fix]);
  expectTable('Rules', ['rule', 'severity', 'what holds', 'else', 'way out'], rows);
});

it('docs/rules.md lists the rules of props', () => {
  const rows = propRules.map(({ id, what, why, fix }) => [`\`${id}\``, what, why, fix]);
  expectTable('Props', ['rule', 'what holds', 'else', 'way out'], rows);
});

it('docs/rules.md lists every field that is newer than some clusters', () => {
  const rows = fieldVersions.map(({ of, field, values, since }) => [
    of,
    `\`${field}\`${values === undefined ? '' : ` ${values.join(', ')}`}`,
    since ?? 'off up to 1.35',
  ]);
  expectTable('Versions', ['of', 'field', 'since'], rows);
});

it('docs/rules.md has an example that does what it says, and a message as it is', () => {
  expect(findings.map(({ severity, path, message }) => [severity, path, message.split(' (')[0]])).toEqual([
    ['error', 'bc-a/budget PodDisruptionBudget trade/trade-core spec', 'has both'],
  ]);
  expect(() => void chart.toJson()).toThrow('budget-form');
  const [shown = ''] = blocksOf(readPage(name), 'text');
  const props = { ...propsOf(demoSpec), image: 'registry.example/trade-core:latest' };
  expect(() => synthApp(props)).toThrow(expect.objectContaining({ message: shown.trimEnd() }));
});
