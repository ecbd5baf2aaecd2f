import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseAppYaml } from '../../src/app-yaml/index.js';
import { createKubeClient, credentialsFromKubeconfig, resources } from '../../src/kube/index.js';
import { startEmbeddedCluster } from '../../src/testing/index.js';
import { deploymentOf, serviceOf } from '../constructs/adopt/deployments.js';
import { youzanKube } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-adopt-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const fleetOf = (kubeconfig?: string): string =>
  write('fleet.yaml', stringify({ idcs: { bc: { clusters: { 'bc-a': { version: '1.34', kubeconfig } } } } }));
const place = (fleet: string): string[] => ['--fleet', fleet, '--cluster', 'bc-a', '--environment', 'prod'];
const adopt = (...words: string[]): ReturnType<typeof youzanKube> =>
  youzanKube(['adopt', ...place(fleetOf()), ...words]);
const manifests = write('shop.yaml', [deploymentOf(), serviceOf()].map((object) => stringify(object)).join('---\n'));

describe('youzan-kube adopt of files', () => {
  it('prints the app, its program, and what becomes of each field, and writes nothing', async () => {
    const out = join(folder, 'dry');
    const { code, stdout, stderr } = await adopt('--from-file', manifests, '--out', out, '--dry-run');
    expect([code, stderr, existsSync(out)]).toEqual([0, '', false]);
    const lines = stdout.split('\n');
    expect(lines).toContain(`# ${out}/shop-web/app.yaml`);
    expect(lines).toContain(
      '  adopt: {"name":"shop-web","selector":{"app":"shop"},"service":{"name":"shop","ports":{"http":80}}},',
    );
    expect(lines).toContain('changed  Deployment spec.strategy.rollingUpdate.maxUnavailable: "25%" -> 0');
    expect(lines).toContain('dropped  Deployment spec.replicas: 3');
    expect(stdout).toMatch(/^kept {5}\d+ of \d+ fields$/m);
    expect(stdout).not.toContain('resourceVersion');
  });

  it('writes app.yaml and main.ts, once', async () => {
    const out = join(folder, 'apps');
    const first = await adopt('--from-file', manifests, '--out', out, '--name', 'shop');
    expect([first.code, first.stdout.split('\n').slice(0, 2)]).toEqual([
      0,
      [`${out}/shop/app.yaml`, `${out}/shop/main.ts`],
    ]);
    const file = join(out, 'shop/app.yaml');
    expect(parseAppYaml(readFileSync(file, 'utf8'), { file })).toMatchObject({
      name: 'shop',
      kind: 'node',
      replicas: 3,
    });
    const again = await adopt('--from-file', manifests, '--out', out, '--name', 'shop');
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('nothing is written over')]);
  });

  it('has every field in its JSON', async () => {
    const { stdout } = await adopt('--from-file', manifests, '--dry-run', '--json');
    const { fields } = JSON.parse(stdout) as { fields: { object: string; field: string; change: string }[] };
    expect(fields).toContainEqual(expect.objectContaining({ field: 'metadata.resourceVersion', change: 'dropped' }));
    expect(new Set(fields.map(({ object }) => object))).toEqual(new Set(['Deployment', 'Service']));
  });

  it.each<[string, string, string[], string]>([
    [
      'two Deployments and no name',
      stringify({ items: [deploymentOf(), { ...deploymentOf(), metadata: { name: 'pay' } }] }),
      [],
      'several Deployments in',
    ],
    ['a name that none has', stringify(deploymentOf()), ['cart'], 'no Deployment cart in'],
    [
      'what no app can take over',
      stringify({ ...deploymentOf(), apiVersion: 'extensions/v1beta1' }),
      [],
      'kind: is extensions/v1beta1 Deployment',
    ],
  ])('refuses %s', async (_, text, words, message) => {
    const { code, stderr } = await adopt(...words, '--from-file', write('other.yaml', text), '--dry-run');
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('youzan-kube adopt of a cluster', () => {
  it('reads the Deployment and the Service before it, and changes nothing', async () => {
    const cluster = await startEmbeddedCluster({ name: 'bc-a' });
    const file = write('bc-a.kubeconfig', cluster.kubeconfig);
    const client = createKubeClient({
      name: 'bc-a',
      credentials: credentialsFromKubeconfig({ cluster: 'bc-a', file }),
    });
    try {
      const former = deploymentOf({ spec: { replicas: 0 } });
      const { labels } = former.metadata;
      const metadata = { name: 'shop-web', namespace: 'shop', ...(labels && { labels }) };
      await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
      await client.create(resources.deployments, { ...former, metadata, status: {} });
      const { apiVersion, kind, spec } = serviceOf({ clusterIP: undefined, clusterIPs: undefined });
      for (const [name, app] of [
        ['shop', 'shop'],
        ['pay', 'pay'],
      ] as const)
        await client.create(resources.services, {
          apiVersion,
          kind,
          metadata: { name, namespace: 'shop' },
          spec: { ...(spec as object), selector: { app } },
        });
      const before = await client.get(resources.deployments, { namespace: 'shop', name: 'shop-web' });
      const words = ['adopt', 'shop-web', '--namespace', 'shop', ...place(fleetOf(file)), '--dry-run', '--json'];
      const { code, stdout, stderr } = await youzanKube(words);
      expect([code, stderr]).toEqual([0, '']);
      const { files } = JSON.parse(stdout) as { files: Record<string, string> };
      expect(files['apps/shop-web/main.ts']).toContain('"service":{"name":"shop","ports":{"http":80}}');
      expect(files['apps/shop-web/takeover.sh']).toMatch(
        /^kubectl patch deployment shop-web --namespace shop --type json --patch '\[\{"op":"test","path":"\/metadata\/resourceVersion"/m,
      );
      const after = await client.get(resources.deployments, { namespace: 'shop', name: 'shop-web' });
      expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    } finally {
      await client.close();
      await cluster.stop();
    }
  });
});
