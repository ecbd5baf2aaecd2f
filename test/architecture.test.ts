import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, resolve, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Room -> rooms that it may import. Nothing points up. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  'src/conventions': [],
  'src/app-yaml': ['src/conventions'],
  'src/rich-container': ['src/conventions'],
  'src/hooks': ['src/conventions', 'src/rich-container'],
  'src/members': ['src/conventions'],
  'src/kube': ['src/conventions'],
  'src/fleet': ['src/conventions', 'src/kube'],
  'src/gateways': ['src/conventions', 'src/members'],
  'src/publish': ['src/conventions', 'src/members', 'src/kube', 'src/fleet', 'src/gateways'],
  'src/k8s-sync': ['src/conventions', 'src/members', 'src/kube', 'src/fleet', 'src/gateways'],
  'src/release': ['src/conventions', 'src/members', 'src/kube', 'src/fleet', 'src/gateways', 'src/publish'],
  'src/exporters': [
    'src/conventions',
    'src/members',
    'src/kube',
    'src/fleet',
    'src/gateways',
    'src/publish',
    'src/k8s-sync',
    'src/release',
  ],
  'src/testing': ['src/conventions', 'src/members', 'src/gateways', 'src/kube'],
  constructs: ['src/conventions', 'src/app-yaml', 'src/rich-container', 'src/hooks'],
};
/** May import every room above. */
const tops = ['src/cli', 'src/index.ts'];

/** Rooms that do no I/O, and what they may import from outside. */
const pureRooms = ['src/conventions', 'src/app-yaml', 'src/rich-container', 'src/hooks', 'src/members'];
const pureModules = ['node:crypto', 'yaml', 'valibot', 'ipaddr.js'];

/** The embedded cluster speaks the API's words and must not lean on the client that it is to test. */
const testingFromKube = ['src/kube/resource.ts', 'src/kube/object.ts'];

interface Import {
  readonly file: string;
  readonly target: string;
  readonly line: number;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourceFiles(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g;
  return [...text.matchAll(pattern)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    const target = specifier.startsWith('.')
      ? relative(root, resolve(root, dirname(file), specifier)).replace(/\.js$/, '.ts')
      : specifier;
    return { file, target, line: text.slice(0, match.index).split('\n').length };
  });
}

function roomOf(path: string): string | undefined {
  return [...Object.keys(arrows), ...tops].find((room) => path === room || path.startsWith(`${room}/`));
}

const files = [...sourceFiles('src'), ...sourceFiles('constructs')];
const imports = files.flatMap(importsOf);
const internal = imports.filter(({ target }) => target.startsWith('src/') || target.startsWith('constructs/'));
const place = ({ file, line, target }: Import): string => `${file}:${line} imports ${target}`;

describe('the rooms and arrows of the design', () => {
  it('has every source file in a room', () => {
    expect(files.filter((file) => roomOf(file) === undefined)).toEqual([]);
  });

  it('has no arrow that points up', () => {
    const wrong = internal.filter(({ file, target }) => {
      const from = roomOf(file);
      const to = roomOf(target);
      if (from === undefined || to === undefined || from === to) return false;
      if (tops.includes(from)) return to === 'constructs';
      return !(arrows[from] ?? []).includes(to);
    });
    expect(wrong.map(place)).toEqual([]);
  });

  it('finds the imports that it judges', () => {
    expect(internal.length).toBeGreaterThan(50);
    expect(
      internal.some(({ file, target }) => roomOf(file) === 'src/k8s-sync' && roomOf(target) === 'src/members'),
    ).toBe(true);
  });

  it('keeps the pure rooms free of I/O', () => {
    const wrong = imports.filter(
      ({ file, target }) =>
        pureRooms.includes(roomOf(file) ?? '') && !target.startsWith('src/') && !pureModules.includes(target),
    );
    expect(wrong.map(place)).toEqual([]);
  });

  it('keeps the embedded cluster apart from the client that it tests', () => {
    const wrong = internal.filter(
      ({ file, target }) =>
        roomOf(file) === 'src/testing' && roomOf(target) === 'src/kube' && !testingFromKube.includes(target),
    );
    expect(wrong.map(place)).toEqual([]);
  });

  it('loads the constructs by their public name only', () => {
    const wrong = imports.filter(
      ({ file, target }) => file.startsWith('src/') && (target.startsWith('constructs') || target.startsWith('cdk8s')),
    );
    expect(wrong.map(place)).toEqual([]);
  });

  it('has client-node behind one file', () => {
    const users = new Set(imports.filter(({ target }) => target === '@kubernetes/client-node').map(({ file }) => file));
    expect(users.size).toBeLessThanOrEqual(1);
  });
});
