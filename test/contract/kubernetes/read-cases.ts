import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './client.js';
import { at, configMap, expectFailure, versionOf, type World } from './world.js';

const namesOf = (answer: Answer): string[] =>
  (answer.body['items'] as unknown[]).map((item) => String(at(item, 'metadata.name')));

export function readCases(world: () => World): void {
  describe('reading', () => {
    it('says its version and that it is ready', async () => {
      const { api } = world();
      expect((await api.get('/version')).body).toMatchObject({
        major: '1',
        minor: '34',
        gitVersion: expect.stringMatching(/^v1\.34\./) as unknown,
      });
      for (const path of ['/healthz', '/livez', '/readyz']) expect((await api.get(path)).text).toBe('ok');
    });

    it('lists its groups and kinds', async () => {
      const { api } = world();
      expect((await api.get('/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
      const groups = await api.get('/apis');
      expect(groups.body).toMatchObject({
        kind: 'APIGroupList',
        groups: expect.arrayContaining([expect.objectContaining({ name: 'apps' })]) as unknown,
      });
      const apps = await api.get('/apis/apps/v1');
      expect(apps.body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'apps/v1' });
      expect(apps.body['resources']).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ name: 'deployments', kind: 'Deployment', namespaced: true }),
          expect.objectContaining({ name: 'deployments/scale', kind: 'Scale', group: 'autoscaling', version: 'v1' }),
        ]),
      );
    });

    it('refuses a wrong token', async () => {
      const { api, core } = world();
      const answer = await api.request('GET', core('pods'), undefined, { token: 'nobody' });
      expectFailure(answer, 401, 'Unauthorized', { message: 'Unauthorized' });
    });

    it('says which object is not there', async () => {
      const { api, core, apps } = world();
      expectFailure(await api.get(core('configmaps', 'none')), 404, 'NotFound', {
        message: 'configmaps "none" not found',
        details: { name: 'none', kind: 'configmaps' },
      });
      expectFailure(await api.get(apps('deployments', 'none')), 404, 'NotFound', {
        message: 'deployments.apps "none" not found',
        details: { name: 'none', group: 'apps', kind: 'deployments' },
      });
    });

    it('knows no other kinds', async () => {
      const { api, core } = world();
      expectFailure(await api.get(core('nosuchthings')), 404, 'NotFound', {
        message: 'the server could not find the requested resource',
        details: {},
      });
      const group = await api.get('/apis/no.such.group/v1/things');
      expect([group.status, group.text]).toEqual([404, '404 page not found\n']);
    });

    it('answers rows when asked for a table', async () => {
      const { api, core } = world();
      await api.post(core('configmaps'), configMap('in-a-table'));
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
      const { body } = await api.request('GET', core('configmaps', 'in-a-table'), undefined, { accept });
      expect(body).toMatchObject({
        kind: 'Table',
        apiVersion: 'meta.k8s.io/v1',
        columnDefinitions: expect.arrayContaining([expect.objectContaining({ name: 'Name' })]) as unknown,
        rows: [{ cells: expect.arrayContaining(['in-a-table']) as unknown, object: { kind: 'PartialObjectMetadata' } }],
      });
    });
  });

  describe('lists', () => {
    beforeAll(async () => {
      const { api, core } = world();
      const labels: Readonly<Record<string, Record<string, string>>> = {
        'sel-a': { sel: 'a', env: 'prod' },
        'sel-b': { sel: 'b', env: 'qa' },
        'sel-c': { sel: 'c' },
      };
      for (const [name, own] of Object.entries(labels))
        await api.post(core('configmaps'), configMap(name, {}, { labels: own }));
    });

    it('name their kind once, not in every item', async () => {
      const { api, core } = world();
      const { body } = await api.get(core('configmaps'), { labelSelector: 'sel=a' });
      expect(body).toMatchObject({
        kind: 'ConfigMapList',
        apiVersion: 'v1',
        metadata: { resourceVersion: expect.stringMatching(/^\d+$/) as unknown },
      });
      const [item] = body['items'] as [Record<string, unknown>];
      expect(item).not.toHaveProperty('kind');
      expect(item).not.toHaveProperty('apiVersion');
    });

    it.each([
      ['sel=a', ['sel-a']],
      ['sel==a', ['sel-a']],
      ['sel,sel!=a', ['sel-b', 'sel-c']],
      ['sel in (a,c)', ['sel-a', 'sel-c']],
      ['sel,sel notin (a, c)', ['sel-b']],
      ['sel,env', ['sel-a', 'sel-b']],
      ['sel,!env', ['sel-c']],
      ['sel in (a,b),env=qa', ['sel-b']],
      ['sel=nothing', []],
    ])('are selected by the label selector %s', async (labelSelector, expected) => {
      const { api, core } = world();
      expect(namesOf(await api.get(core('configmaps'), { labelSelector }))).toEqual(expected);
    });

    it('are selected by fields', async () => {
      const { api, core } = world();
      expect(namesOf(await api.get(core('configmaps'), { fieldSelector: 'metadata.name=sel-b' }))).toEqual(['sel-b']);
      const all = namesOf(
        await api.get(core('configmaps'), { fieldSelector: 'metadata.name!=sel-b', labelSelector: 'sel' }),
      );
      expect(all).toEqual(['sel-a', 'sel-c']);
    });

    it('refuse selectors that make no sense', async () => {
      const { api, core } = world();
      expectFailure(await api.get(core('configmaps'), { labelSelector: 'a in b' }), 400, 'BadRequest');
      expectFailure(await api.get(core('configmaps'), { fieldSelector: 'data.x=1' }), 400, 'BadRequest');
    });

    it('reach over all namespaces', async () => {
      const { api, namespace } = world();
      const { body } = await api.get('/api/v1/configmaps', { labelSelector: 'sel=a' });
      expect((body['items'] as unknown[]).map((item) => at(item, 'metadata.namespace'))).toContain(namespace);
    });

    it('come in pages that show one moment', async () => {
      const { api, core } = world();
      for (const name of ['page-1', 'page-2', 'page-3'])
        await api.post(core('endpoints'), { apiVersion: 'v1', kind: 'Endpoints', metadata: { name } });
      const first = await api.get(core('endpoints'), { limit: '2' });
      expect(namesOf(first)).toEqual(['page-1', 'page-2']);
      expect(first.body['metadata']).toMatchObject({ remainingItemCount: 1 });
      await api.post(core('endpoints'), { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'page-4' } });
      await api.delete(core('endpoints', 'page-3'));
      const second = await api.get(core('endpoints'), {
        limit: '2',
        continue: String(at(first.body, 'metadata.continue')),
      });
      expect(namesOf(second)).toEqual(['page-3']);
      expect(versionOf(second.body)).toBe(versionOf(first.body));
      expect(at(second.body, 'metadata.continue')).toBeUndefined();
    });

    it('show an earlier moment when asked for exactly that', async () => {
      const { api, core } = world();
      const made = await api.post(core('configmaps'), configMap('then', { x: '1' }));
      await api.merge(core('configmaps', 'then'), { data: { x: '2' } });
      const query = {
        resourceVersion: versionOf(made.body),
        resourceVersionMatch: 'Exact',
        fieldSelector: 'metadata.name=then',
      };
      const { body } = await api.get(core('configmaps'), query);
      expect(versionOf(body)).toBe(versionOf(made.body));
      expect(at((body['items'] as unknown[])[0], 'data.x')).toBe('1');
    });

    it('refuse a resourceVersion of the future', async () => {
      const { api, core } = world();
      const now = Number(versionOf((await api.get(core('configmaps'))).body));
      const answer = await api.get(core('configmaps'), {
        resourceVersion: String(now + 1_000_000),
        resourceVersionMatch: 'NotOlderThan',
      });
      expectFailure(answer, 504, 'Timeout', {
        details: expect.objectContaining({
          causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
          retryAfterSeconds: 1,
        }) as unknown,
      });
    });

    it('refuse a match without a resourceVersion', async () => {
      const { api, core } = world();
      expectFailure(await api.get(core('configmaps'), { resourceVersionMatch: 'Exact' }), 422, 'Invalid');
    });
  });
}
