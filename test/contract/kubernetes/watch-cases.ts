import { describe, expect, it } from 'vitest';
import { RefusedWatch, type Api, type Watch, type WatchLine } from './client.js';
import { at, configMap, expectFailure, versionOf, type World } from './world.js';

const short = (line: WatchLine): string => `${line.type} ${String(line.object.metadata['name'])}`;

async function watching(
  api: Api,
  path: string,
  query: Record<string, string>,
  use: (watch: Watch) => Promise<void>,
): Promise<void> {
  const watch = await api.watch(path, query);
  try {
    await use(watch);
  } finally {
    watch.close();
  }
}

export function watchCases(world: () => World): void {
  const nowOf = async (path: string): Promise<string> => versionOf((await world().api.get(path, { limit: '1' })).body);

  describe('watching', () => {
    it('from a resourceVersion shows each later change in order', async () => {
      const { api, core } = world();
      await api.post(core('configmaps'), configMap('before-the-watch'));
      const resourceVersion = await nowOf(core('configmaps'));
      await api.post(core('configmaps'), configMap('watched', { x: '1' }));
      await watching(api, core('configmaps'), { resourceVersion }, async (watch) => {
        const added = await watch.next();
        expect(short(added)).toBe('ADDED watched');
        expect(added.object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
        await api.merge(core('configmaps', 'watched'), { data: { x: '2' } });
        await api.delete(core('configmaps', 'watched'));
        const changed = await watch.next();
        expect([short(changed), at(changed.object, 'data.x')]).toEqual(['MODIFIED watched', '2']);
        const deleted = await watch.next();
        expect([short(deleted), at(deleted.object, 'data.x')]).toEqual(['DELETED watched', '2']);
        expect(Number(versionOf(deleted.object))).toBeGreaterThan(Number(versionOf(changed.object)));
      });
    });

    it('from nowhere shows first what is there', async () => {
      const { api, core } = world();
      await api.post(core('configmaps'), configMap('present', {}, { labels: { there: 'yes' } }));
      await watching(api, core('configmaps'), { labelSelector: 'there=yes' }, async (watch) => {
        expect(short(await watch.next())).toBe('ADDED present');
      });
    });

    it('with a selector shows objects that come into it and leave it', async () => {
      const { api, core } = world();
      const resourceVersion = await nowOf(core('configmaps'));
      await watching(api, core('configmaps'), { resourceVersion, labelSelector: 'in=yes' }, async (watch) => {
        const path = core('configmaps', 'to-and-fro');
        await api.post(core('configmaps'), configMap('to-and-fro', { x: '1' }));
        await api.merge(path, { metadata: { labels: { in: 'yes' } } });
        await api.merge(path, { data: { x: '2' } });
        const left = await api.merge(path, { metadata: { labels: { in: 'no' } }, data: { x: '3' } });
        await api.delete(path);
        const lines = [await watch.next(), await watch.next(), await watch.next()];
        expect(lines.map(short)).toEqual(['ADDED to-and-fro', 'MODIFIED to-and-fro', 'DELETED to-and-fro']);
        expect(lines[2]?.object).toMatchObject({ data: { x: '2' }, metadata: { labels: { in: 'yes' } } });
        expect(versionOf(lines[2]?.object)).toBe(versionOf(left.body));
      });
    });

    it('by name shows one object', async () => {
      const { api, core } = world();
      const resourceVersion = await nowOf(core('configmaps'));
      await watching(
        api,
        core('configmaps'),
        { resourceVersion, fieldSelector: 'metadata.name=only-me' },
        async (watch) => {
          await api.post(core('configmaps'), configMap('not-me'));
          await api.post(core('configmaps'), configMap('only-me'));
          expect(short(await watch.next())).toBe('ADDED only-me');
        },
      );
    });

    it('streams the list first and marks its end', async () => {
      const { api, core } = world();
      for (const name of ['streamed-1', 'streamed-2'])
        await api.post(core('configmaps'), configMap(name, {}, { labels: { streamed: 'yes' } }));
      const query = {
        labelSelector: 'streamed=yes',
        sendInitialEvents: 'true',
        resourceVersionMatch: 'NotOlderThan',
        allowWatchBookmarks: 'true',
      };
      await watching(api, core('configmaps'), query, async (watch) => {
        expect([short(await watch.next()), short(await watch.next())].sort()).toEqual([
          'ADDED streamed-1',
          'ADDED streamed-2',
        ]);
        const end = await watch.next();
        expect(end).toMatchObject({
          type: 'BOOKMARK',
          object: {
            kind: 'ConfigMap',
            metadata: {
              resourceVersion: expect.stringMatching(/^\d+$/) as unknown,
              annotations: { 'k8s.io/initial-events-end': 'true' },
            },
          },
        });
        await api.delete(core('configmaps', 'streamed-1'));
        let next = await watch.next();
        while (next.type === 'BOOKMARK') next = await watch.next();
        expect(short(next)).toBe('DELETED streamed-1');
      });
    });

    it('ends after timeoutSeconds', async () => {
      const { api, core } = world();
      await watching(
        api,
        core('secrets'),
        { resourceVersion: await nowOf(core('secrets')), timeoutSeconds: '1' },
        async (watch) => {
          expect(await watch.rest(8_000)).toEqual([]);
        },
      );
    });

    it('sends an idle stream a bookmark before its time is over, once anything of the kind was written elsewhere', async () => {
      const { api, core, fresh } = world();
      const name = fresh('bookmarked');
      const elsewhere = '/api/v1/namespaces/default/secrets';
      // A real server sends one 2 s before the end, and one a minute; but none that says no more than the watch began with.
      const resourceVersion = await nowOf(core('secrets'));
      const query = { resourceVersion, allowWatchBookmarks: 'true', timeoutSeconds: '5' };
      await watching(api, core('secrets'), query, async (watch) => {
        const other = await api.post(elsewhere, { apiVersion: 'v1', kind: 'Secret', metadata: { name } });
        const isNews = ({ object }: WatchLine): boolean => Number(versionOf(object)) >= Number(versionOf(other.body));
        let line = await watch.next(10_000);
        while (!isNews(line)) line = await watch.next(10_000);
        expect([line.type, line.object['kind']]).toEqual(['BOOKMARK', 'Secret']);
      });
      await api.delete(`${elsewhere}/${name}`);
    });

    it.each<Record<string, string>>([
      { resourceVersionMatch: 'NotOlderThan', resourceVersion: '0' },
      { sendInitialEvents: 'true' },
    ])('refuses %o', async (query) => {
      const { api, core } = world();
      const failure = await api.watch(core('configmaps'), query).catch((error: unknown) => error);
      if (!(failure instanceof RefusedWatch)) throw new Error('the watch was not refused');
      expect(failure.body).toMatchObject({ kind: 'Status', reason: 'Invalid', code: 422 });
    });

    it('answers rows when asked for a table', async () => {
      const { api, core } = world();
      await api.post(core('configmaps'), configMap('row'));
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
      const query = { watch: 'true', fieldSelector: 'metadata.name=row', timeoutSeconds: '1' };
      const { text } = await api.request('GET', core('configmaps'), undefined, { accept, query });
      const line = JSON.parse(text.split('\n')[0] ?? '') as WatchLine;
      expect(line).toMatchObject({
        type: 'ADDED',
        object: { kind: 'Table', rows: [{ object: { metadata: { name: 'row' } } }] },
      });
    });
  });

  describe('history that is gone', () => {
    it('is a 410 for lists and an ERROR event for watches', async ({ skip }) => {
      const { api, core, options } = world();
      if (options.expire === undefined) return skip('nothing makes versions expire here');
      await api.post(core('configmaps'), configMap('expired-1'));
      const first = await api.get(core('configmaps'), { limit: '1' });
      await api.post(core('configmaps'), configMap('expired-2'));
      await options.expire();
      await api.post(core('configmaps'), configMap('expired-3'));
      const resourceVersion = versionOf(first.body);
      const exact = await api.get(core('configmaps'), { resourceVersion, resourceVersionMatch: 'Exact' });
      expectFailure(exact, 410, 'Expired', { message: 'The resourceVersion for the provided list is too old.' });
      const page = await api.get(core('configmaps'), {
        limit: '1',
        continue: String(at(first.body, 'metadata.continue')),
      });
      expectFailure(page, 410, 'Expired');
      const rest = await api.get(core('configmaps'), { continue: String(at(page.body, 'metadata.continue')) });
      const names = (rest.body['items'] as unknown[]).map((item) => at(item, 'metadata.name'));
      expect(names).toContain('expired-3');
      expect(names).not.toContain(at((first.body['items'] as unknown[])[0], 'metadata.name'));
      await watching(api, core('configmaps'), { resourceVersion }, async (watch) => {
        expect(await watch.next()).toMatchObject({
          type: 'ERROR',
          object: {
            kind: 'Status',
            status: 'Failure',
            reason: 'Expired',
            code: 410,
            message: expect.stringMatching(/^too old resource version: /) as unknown,
          },
        });
        expect(await watch.rest()).toEqual([]);
      });
    });
  });
}
