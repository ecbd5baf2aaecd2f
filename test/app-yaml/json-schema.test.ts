import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseAppYaml } from '../../src/app-yaml/index.js';
import { blocksOf, readPage, sectionOf } from '../docs/page.js';
import { appSchema } from '../package/app-schema.js';

const validate = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(appSchema());
const file = 'trade-core/app.yaml';
const head = 'stack: s\nruntime: node-20\nentrypoint: node app.mjs\n';

const page = readPage('app-yaml.md');
const malformed = blocksOf(sectionOf(page, 'Findings'), 'yaml');
const valid: readonly (readonly [string, string])[] = [
  ...['test/app-yaml/fixtures/seed.yaml', 'test/app-yaml/fixtures/full.yaml', 'examples/demo/app.yaml'].map(
    (path) => [path, readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')] as const,
  ),
  ...blocksOf(page, 'yaml')
    .filter((text) => !malformed.includes(text))
    .map((text, at) => [`example ${at + 1} of docs/app-yaml.md`, text] as const),
  ['a kind alone', 'kind: static\n'],
  ['hooks that are left out', `${head}hooks: { preload: false, online: false, offline: false }\n`],
  ['amounts as numbers', `${head}resources: { limits: { cpu: 1.5, memory: 1e9 } }\n`],
];

describe("app.yaml's JSON Schema", () => {
  it.each(valid)('takes %s, as the parser does', (_, text) => {
    expect(() => parseAppYaml(text, { file })).not.toThrow();
    expect([validate(parse(text)), validate.errors]).toEqual([true, null]);
  });

  it.each<[string, string]>([
    ['no kind and no runtime', 'stack: s\nentrypoint: x\n'],
    ['an unknown key', `${head}runtme: node-20\n`],
    ['an unknown key inside', `${head}ports: { rcp: 8100 }\n`],
    ['a number for a text', 'stack: 3.8\nruntime: node-20\nentrypoint: x\n'],
    ['an empty text', "stack: ''\nruntime: node-20\nentrypoint: x\n"],
    ['a name that is none', `${head}name: Trade_Core\n`],
    ['a port out of range', `${head}ports: { http: 99999 }\n`],
    ['half a port', `${head}ports: { http: 80.5 }\n`],
    ['a list for a map', `${head}ports: [8030]\n`],
    ['a variable that is no name', `${head}env: { b c: x }\n`],
    ['a variable that is a number', `${head}env: { A: 1 }\n`],
    ['a helper without a command', `${head}helpers: [{ name: a }]\n`],
    ['a command of no words', `${head}helpers: [{ name: a, command: [] }]\n`],
    ['a command that is a number', `${head}helpers: [{ name: a, command: 1 }]\n`],
    [
      'a gate of two types',
      `${head}helpers: [{ name: a, command: a, ready: { file: x, tcp: { port: 1 }, deadlineSeconds: 1 } }]\n`,
    ],
    ['a gate without a deadline', `${head}helpers: [{ name: a, command: a, ready: { file: x } }]\n`],
    ['a hook that is true', `${head}hooks: { online: true }\n`],
    ['a deadline of nothing', `${head}hooks: { stop: { deadlineSeconds: 0 } }\n`],
    ['a quantity that is none', `${head}resources: { limits: { memory: 1Gb } }\n`],
    ['an amount of nothing', `${head}resources: { limits: { cpu: 0 } }\n`],
    ['half a pod', `${head}replicas: 0.5\n`],
    ['a probe by number', `${head}probes: { liveness: { port: 8001 } }\n`],
    ['a probe that never fails', `${head}probes: { liveness: { failureThreshold: 0 } }\n`],
  ])('refuses %s, as the parser does', (_, text) => {
    expect(() => parseAppYaml(text, { file })).toThrow('is not valid');
    expect(validate(parse(text))).toBe(false);
  });

  it('says of every key what it is', () => {
    const { properties } = appSchema() as { properties: Readonly<Record<string, { readonly description: string }>> };
    expect(Object.entries(properties).filter(([, { description }]) => description === '')).toEqual([]);
    expect(properties['kind']?.description).toMatch(/^the app kind, which gives ports/);
  });
});
