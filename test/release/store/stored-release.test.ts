import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelKeys, youzanConventions } from '../../../src/conventions/index.js';
import type { KubeObject } from '../../../src/kube/index.js';
import { droppedObjects } from '../../../src/release/finish.js';
import { planRelease } from '../../../src/release/index.js';
import { inventoryOf, type StoredRelease } from '../../../src/release/store/index.js';
import { readStored, storedSecret } from '../../../src/release/store/stored-release.js';
import { app, bundle } from '../bundle.js';

const bundles = [bundle('bc-a', '1.0.0')];
const target = planRelease({
  app,
  version: '1.0.0',
  bundles,
  policy: { progressDeadlineMs: 1000, publishDeadlineMs: 1000 },
}).targets[0]!;
const release = { app, version: '1.0.0', revision: 7, startedAt: '2026-01-01T00:00:00Z' };
const secret = storedSecret(release, target, youzanConventions);

describe('a stored release', () => {
  it('reads back as it was', () => {
    const expected = {
      ...release,
      name: 'youzan-kube.trade-core.v7',
      deployment: app,
      status: 'started',
      objects: target.objects,
    };
    expect(readStored(secret, youzanConventions)).toMatchObject(expected);
  });

  it("carries the company's own label prefix", () => {
    const conventions = { ...youzanConventions, labels: labelKeys('example.com') };
    const own = storedSecret(release, target, conventions);
    expect(Object.keys({ ...own.metadata.labels, ...own.metadata.annotations }).join()).not.toContain('youzan.com');
    expect(readStored(own, conventions)).toMatchObject(release);
  });

  it.each<[string, KubeObject]>([
    ['a foreign Secret', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, data: { bundle: 'eA==' } }],
    ['one whose bundle is broken', { ...secret, data: { bundle: 'eA==' } }],
    ['one without data', { ...secret, data: undefined }],
  ])('is not %s', (_, object) => {
    expect(readStored(object, youzanConventions)).toBeUndefined();
  });

  it('refuses a bundle that no Secret holds', () => {
    const noise = randomBytes(1_100_000).toString('base64');
    const data = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'big' }, data: { noise } };
    const big = { ...target, objects: [...target.objects, data] };
    expect(() => storedSecret(release, big, youzanConventions)).toThrow(/bytes compressed; a Secret holds/);
  });
});

describe('the inventory', () => {
  const config = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
  const stored = (status: StoredRelease['status'], ...names: readonly string[]): StoredRelease => ({
    ...readStored(secret, youzanConventions)!,
    status,
    objects: names.map(config),
  });
  const names = (objects: readonly KubeObject[]): string[] => objects.map(({ metadata }) => metadata.name);

  it('is all that was applied since the last success, a failed release included', () => {
    const former = [stored('failed', 'a', 'b'), stored('succeeded', 'a', 'c'), stored('succeeded', 'd')];
    expect(names(inventoryOf(former))).toEqual(['a', 'b', 'a', 'c']);
  });

  it('drops exactly what the former has and the new one has not', () => {
    const some = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'));
    fc.assert(
      fc.property(some, some, (former, present) => {
        const dropped = names(droppedObjects(former.map(config), present.map(config)));
        expect(dropped).toEqual(former.filter((name) => !present.includes(name)));
      }),
    );
  });
});
