import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAppYaml, renderDockerfile } from '../../src/app-yaml/index.js';
import { youzanKube } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = 'kind: python\nentrypoint: gunicorn wsgi:application\n';
const file = join(folder, 'trade-core', 'app.yaml');
mkdirSync(join(folder, 'trade-core'));
writeFileSync(file, text);
const spec = parseAppYaml(text, { file });

describe('youzan-kube image', () => {
  it("prints the Dockerfile of the app's layer, and what is not pinned beside it", async () => {
    const { code, stdout, stderr } = await youzanKube(['image', file]);
    expect([code, stdout]).toEqual([0, renderDockerfile(spec, 'app').text]);
    expect(stderr).toMatch(/^warning: images\.runtimes\.python-3\.11\.digests\.youzanyun-debian12: is missing/);
  });

  it.each(['stack', 'runtime', 'app'] as const)('prints the layer %s as data, when asked to', async (layer) => {
    const { code, stdout, stderr } = await youzanKube(['image', file, '--layer', layer, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({ app: 'trade-core', ...renderDockerfile(spec, layer) });
  });

  it.each<[string, string[], string]>([
    ['an image that is not pinned, where digests are required', ['--require-digests'], 'is not pinned: 1 finding'],
    ['a layer that is none', ['--layer', 'os'], 'Allowed choices are stack, runtime, app'],
  ])('refuses %s', async (_, options, message) => {
    const { code, stdout, stderr } = await youzanKube(['image', file, ...options]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('refuses an app whose runtime is in no catalogue, and says what to do', async () => {
    const other = join(folder, 'other.yaml');
    writeFileSync(other, 'name: other\nkind: generic\nruntime: rust-1\nentrypoint: ./app\n');
    const { code, stderr } = await youzanKube(['image', other]);
    expect(code).toBe(2);
    expect(stderr).toContain('runtime: "rust-1" is not in the catalogue, which has openjdk-17,');
    expect(stderr).toContain('hint: add it to the conventions');
  });
});
