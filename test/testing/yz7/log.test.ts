import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Write } from '../../../src/testing/yz7/entry.js';
import { openLog } from '../../../src/testing/yz7/log.js';
import { Store } from '../../../src/testing/yz7/store.js';

const entry = (revision: number): Write => ({ type: 'chain', sc: `sc-${revision}`, revision, upstreams: [] });

describe('the log', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'yz7-log-'));
  });

  afterEach(() => rm(dir, { recursive: true }));

  it('has the id and the entries again after it was opened anew', async () => {
    const first = await openLog(dir);
    await Promise.all([1, 2, 3].map((revision) => first.log.append([entry(revision)])));
    await first.log.close();
    const second = await openLog(dir);
    expect(second.log.storeId).toBe(first.log.storeId);
    expect(second.entries).toEqual([1, 2, 3].map(entry));
    await second.log.close();
  });

  it('cuts a torn last line off and goes on after the whole ones', async () => {
    const first = await openLog(dir);
    await first.log.append([entry(1)]);
    await first.log.close();
    await appendFile(join(dir, 'log-1.ndjson'), JSON.stringify(entry(2)).slice(0, 20));
    const second = await openLog(dir);
    expect(second.entries).toEqual([entry(1)]);
    await second.log.append([entry(3)]);
    await second.log.close();
    const third = await openLog(dir);
    expect(third.entries).toEqual([entry(1), entry(3)]);
    await third.log.close();
  });

  it('refuses a log that is damaged before its end, and names the line', async () => {
    const first = await openLog(dir);
    await first.log.append([entry(1)]);
    await first.log.close();
    await appendFile(join(dir, 'log-1.ndjson'), `{"broken\n${JSON.stringify(entry(2))}\n`);
    await expect(openLog(dir)).rejects.toThrow(/log-1\.ndjson:2 is not JSON/);
  });

  it('refuses a snapshot that is damaged rather than begin empty', async () => {
    const { log } = await openLog(dir);
    await log.close();
    await writeFile(join(dir, 'snapshot.json'), '{');
    await expect(openLog(dir)).rejects.toThrow(/snapshot\.json can't be read/);
  });

  it('begins with the snapshot after a compaction, and drops a log that was left behind', async () => {
    const first = await openLog(dir);
    await first.log.append([entry(1), entry(2)]);
    const compaction = first.log.compact(() => [entry(2)]);
    const after = first.log.append([entry(3)]);
    await Promise.all([compaction, after]);
    await first.log.close();
    expect((await readdir(dir)).sort()).toEqual(['log-2.ndjson', 'snapshot.json']);
    await writeFile(join(dir, 'log-1.ndjson'), `${JSON.stringify(entry(1))}\n`);
    const second = await openLog(dir);
    expect(second.entries).toEqual([entry(2), entry(3)]);
    expect((await readdir(dir)).sort()).toEqual(['log-2.ndjson', 'snapshot.json']);
    await second.log.close();
  });

  it('shares one flush between writes that come together', async () => {
    const { log } = await openLog(dir);
    const flushes = new Set<Promise<void>>();
    for (let revision = 1; revision <= 100; revision += 1) flushes.add(log.append([entry(revision)]));
    expect(flushes.size).toBe(1);
    await Promise.all(flushes);
    expect((await readFile(join(dir, 'log-1.ndjson'), 'utf8')).trimEnd().split('\n')).toHaveLength(100);
    await log.close();
  });
});

describe('the store', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'yz7-store-'));
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('compacts by itself and has the same state after', async () => {
    const store = await Store.open(dir, 500);
    for (let revision = 1; revision <= 40; revision += 1) {
      await store.commit({ type: 'chain', sc: `sc-${revision % 3}`, revision, upstreams: [`u-${revision}`] });
    }
    await store.close();
    expect(await readdir(dir)).not.toContain('log-1.ndjson');
    const again = await Store.open(dir, 500);
    expect(again.state.revision).toBe(40);
    expect(Object.fromEntries(again.state.chains)).toEqual({
      'sc-0': { revision: 39, upstreams: ['u-39'] },
      'sc-1': { revision: 40, upstreams: ['u-40'] },
      'sc-2': { revision: 38, upstreams: ['u-38'] },
    });
    expect(again.published.chains.get('u-40')).toEqual(new Set(['sc-1']));
    await again.close();
  });

  it('never goes back to an earlier revision, also when what had the last one was deleted', async () => {
    const store = await Store.open(dir, 1);
    await store.commit({ type: 'chain', sc: 'sc-1', revision: 1, upstreams: ['u'] });
    await store.commit({ type: 'chain', sc: 'sc-1', revision: 2, upstreams: null });
    await store.close();
    const again = await Store.open(dir, 1);
    expect([again.state.revision, again.state.chains.size]).toEqual([2, 0]);
    await again.close();
  });

  it('answers 503 when the disk fails, hands nothing to the workers, and heals', async () => {
    const store = await Store.open(dir, 1_000_000);
    await store.commit(entry(1));
    // Without its file the log can't be flushed any more.
    await store.close();
    const seen: number[] = [];
    store.subscribe(({ revision }) => seen.push(revision));
    await expect(store.commit(entry(2))).rejects.toMatchObject({
      status: 503,
      code: 'STORE_UNAVAILABLE',
      retryable: true,
    });
    expect(seen).toEqual([]);
    await store.settled();
    expect(store.state.revision).toBe(1);
    await store.commit(entry(2));
    expect(seen.at(-1)).toBe(2);
    await store.close();
    const again = await Store.open(dir, 1_000_000);
    expect([...again.state.chains.keys()]).toEqual(['sc-1', 'sc-2']);
    await again.close();
  });
});
