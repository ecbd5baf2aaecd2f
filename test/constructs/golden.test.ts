// What is committed in golden/ is what `kubectl apply -f` takes, byte for byte. To rewrite it on purpose:
//   UPDATE_GOLDEN=1 npx vitest run test/constructs/golden.test.ts
// and read the difference before it is committed.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Yaml } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { synthApp } from '../../constructs/index.js';
import { abridged as abridgedProps, chartObjects, whole } from './golden-props.js';

function expectGolden(name: string, text: string): void {
  const file = new URL(`golden/${name}.yaml`, import.meta.url);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  expect(text, 'to rewrite it on purpose, see the head of this test').toBe(readFileSync(file, 'utf8'));
}

/** The objects with `<script>` for each text of many lines, which stand in full in the other files. */
function abridged(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('\n') ? '<script>' : value;
  if (Array.isArray(value)) return value.map(abridged);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, abridged(inner)]));
}

describe('the manifests', () => {
  it.each(Object.entries(whole))('of %s are the committed bytes', (name, props) => {
    expectGolden(name, synthApp(props).yaml);
  });

  it.each(Object.entries(abridgedProps))('of %s are the committed ones, scripts aside', (name, props) => {
    expectGolden(`${name}.abridged`, Yaml.stringify(...synthApp(props).objects.map(abridged)));
  });

  it.each(Object.entries(chartObjects))(
    'of the construct %s are the committed ones, long texts aside',
    (name, objects) => {
      expectGolden(`${name}.abridged`, Yaml.stringify(...objects.map(abridged)));
    },
  );

  it('are all that is committed', () => {
    const names = [...Object.keys(abridgedProps), ...Object.keys(chartObjects)].map((name) => `${name}.abridged`);
    const files = readdirSync(new URL('golden/', import.meta.url));
    expect(files.sort()).toEqual([...Object.keys(whole), ...names].map((name) => `${name}.yaml`).sort());
  });
});
