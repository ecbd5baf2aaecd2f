import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { locateBinaries, namedProgram } from './binaries/locate.js';
import { moduleNames } from './binaries/modules.js';
import { readRecipe, requiredVersion } from './binaries/recipe.js';

describe('a required version', () => {
  it.each([
    ['in a block', 'require (\n\texample.com/a v1.2.3\n\texample.com/b v2.0.0\n)\n'],
    ['on a line of its own', 'require example.com/a v1.2.3\n'],
    ['marked as indirect', 'require (\n\texample.com/a v1.2.3 // indirect\n)\n'],
  ])('is found %s', (_, goMod) => {
    expect(requiredVersion(goMod, 'example.com/a')).toBe('v1.2.3');
  });

  it('is not that of a module whose path only begins so, nor of a replacement', () => {
    const goMod = 'require example.com/a/b v1.0.0\nreplace example.com/a => example.com/a v1.1.1\n';
    expect(requiredVersion(goMod, 'example.com/a')).toBeUndefined();
  });
});

describe('a recipe', () => {
  const recipes = moduleNames.map(readRecipe);

  it('knows the version of what it builds', () => {
    for (const { version } of recipes) expect(version).toMatch(/^v\d/);
  });

  it('has a place in the cache that no other has', () => {
    expect(new Set(recipes.map(({ target }) => target)).size).toBe(moduleNames.length);
    expect(recipes.map(({ target }) => target.split('/').at(-1))).toEqual(moduleNames);
  });

  it('tells Kubernetes its version, as clients ask for it', () => {
    const { flags, version } = readRecipe('kubernetes');
    expect(flags.at(-1)).toContain(`-X k8s.io/component-base/version.gitVersion=${version}`);
  });
});

describe('the binaries of Kubernetes', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'youzan-kube-lab-binaries-'));
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
    vi.stubEnv('KUBEBUILDER_ASSETS', '');
    vi.stubEnv('YOUZAN_KUBE_LAB_BIN', '');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  it('are all named when none is there, with the command that builds them', () => {
    expect(locateBinaries).toThrow(/^no binary of etcd, .*, kubelet, kubectl\n {2}build them: npm run lab:build$/);
  });

  it('are named when a folder lacks them, with the folder', () => {
    vi.stubEnv('KUBEBUILDER_ASSETS', folder);
    for (const name of ['etcd', 'kube-apiserver', 'kubectl']) writeFileSync(join(folder, name), '');
    expect(locateBinaries).toThrow(
      `no binary of etcdctl, etcdutl, kube-controller-manager, kube-scheduler, kube-proxy, kubelet in ${folder}`,
    );
  });

  it('are all in one program, when a program is named', () => {
    const program = join(folder, 'kubernetes');
    writeFileSync(program, '');
    vi.stubEnv('YOUZAN_KUBE_LAB_BIN', program);
    expect(locateBinaries()).toMatchObject({ etcd: [program, 'etcd'], kubelet: [program, 'kubelet'] });
  });

  it('may have others beside them in their folder', () => {
    vi.stubEnv('YOUZAN_KUBE_LAB_BIN', folder);
    writeFileSync(join(folder, 'kwok'), '');
    expect([namedProgram('kwok'), namedProgram('multus')]).toEqual([join(folder, 'kwok'), undefined]);
  });
});
