import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeArchive, type Image } from './images/archive.js';
import { makeLayer, type Entry } from './images/layer.js';
import { parseLdd } from './images/shared-libraries.js';

const entries: readonly Entry[] = [
  { type: 'file', path: '/usr/bin/tool', content: '#!/bin/sh\n', mode: 0o755 },
  { type: 'symlink', path: '/usr/bin/alias', target: 'tool' },
  { type: 'directory', path: '/tmp', mode: 0o1777 },
];
const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const tar = (input: Buffer, ...args: readonly string[]): string =>
  execFileSync('tar', [...args, '--file=-'], { input, encoding: 'utf8' });

describe('a layer', () => {
  it('is the same bytes whatever the order of its entries', async () => {
    const [one, other] = await Promise.all([makeLayer(entries), makeLayer([...entries].reverse())]);
    expect(other.digest).toBe(one.digest);
  });

  it('holds the folders that its files are in, each before what is in it, with their modes', async () => {
    const { bytes } = await makeLayer(entries);
    const lines = tar(bytes, '--list', '--verbose', '--utc').trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/\s+/g, ' '))).toEqual([
      'drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 usr',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/bin',
      'lrwxrwxrwx 0/0 0 1970-01-01 00:00 usr/bin/alias -> tool',
      '-rwxr-xr-x 0/0 10 1970-01-01 00:00 usr/bin/tool',
    ]);
  });
});

describe('an archive', () => {
  let folder: string;
  const file = (name: string): string => join(folder, name);
  const read = (archive: string, name: string): Buffer => execFileSync('tar', ['-xOf', file(archive), name]);
  const json = (archive: string, name: string): unknown => JSON.parse(read(archive, name).toString());
  const blob = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

  let images: readonly Image[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'youzan-kube-images-'));
    const shared = await makeLayer(entries);
    const own = await makeLayer([{ type: 'file', path: '/own', content: 'x' }]);
    images = [
      { reference: 'lab.local/one:1', layers: [shared], command: ['sh'] },
      { reference: 'lab.local/two:1', layers: [shared, own], workingFolder: '/usr' },
    ];
    await writeArchive(file('a.tar'), images);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is the same bytes for the same images', async () => {
    await writeArchive(file('b.tar'), images);
    expect(digestOf(readFileSync(file('b.tar')))).toBe(digestOf(readFileSync(file('a.tar'))));
  });

  it('names each image in full', () => {
    const { manifests } = json('a.tar', 'index.json') as { manifests: readonly { annotations: object }[] };
    expect(manifests.map(({ annotations }) => annotations)).toEqual([
      { 'io.containerd.image.name': 'lab.local/one:1' },
      { 'io.containerd.image.name': 'lab.local/two:1' },
    ]);
  });

  it('holds each blob once and under its own digest', () => {
    const names = execFileSync('tar', ['-tf', file('a.tar')], { encoding: 'utf8' })
      .trimEnd()
      .split('\n');
    const blobs = names.filter((name) => name.startsWith('blobs/'));
    // Two layers, and of each image a config and a manifest.
    expect(blobs).toHaveLength(6);
    for (const name of blobs) expect(blob(digestOf(read('a.tar', name)))).toBe(name);
  });

  it("gives a layer's own digest as that of its content, since it is not compressed", () => {
    const { manifests } = json('a.tar', 'index.json') as { manifests: readonly [object, { digest: string }] };
    const manifest = json('a.tar', blob(manifests[1].digest)) as {
      readonly config: { readonly digest: string };
      readonly layers: readonly { readonly digest: string }[];
    };
    expect(json('a.tar', blob(manifest.config.digest))).toMatchObject({
      config: { WorkingDir: '/usr' },
      rootfs: { type: 'layers', diff_ids: manifest.layers.map(({ digest }) => digest) },
    });
  });
});

describe('the shared libraries of a program', () => {
  it('are those that ldd found, the loader among them, the virtual one not', () => {
    const text = [
      '\tlinux-vdso.so.1 (0x00007f288e276000)',
      '\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f288df20000)',
      '\t/lib64/ld-linux-x86-64.so.2 (0x00007f288e278000)',
    ].join('\n');
    expect(parseLdd(text)).toEqual(['/lib/x86_64-linux-gnu/libm.so.6', '/lib64/ld-linux-x86-64.so.2']);
  });
});
