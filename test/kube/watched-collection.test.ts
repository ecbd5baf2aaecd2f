import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../src/kube/index.js';
import { WatchedCollection } from '../../src/kube/watched-collection.js';
import { added, bookmark, decode, deleted, listEnd, modified, object } from './reflecting.js';

function collection(): { it: WatchedCollection<string>; bad: string[]; tell: (...events: WatchEvent[]) => unknown[] } {
  const bad: string[] = [];
  const it = new WatchedCollection<string>({ decode, onBadObject: (key) => bad.push(key) });
  return { it, bad, tell: (...events) => events.map((event) => (event.type === 'ERROR' ? event : it.event(event))) };
}

describe('a watched collection', () => {
  it('begins with nothing to go on from', () => {
    const { it: one } = collection();
    expect([one.resourceVersion, one.isListing]).toEqual(['', false]);
  });

  it('is told by a list of objects as of a version', () => {
    const { it: one } = collection();
    one.beginList();
    one.listed(object('a', 5));
    one.listed(object('b', 6, 'ignored'));
    expect(one.endList('10')).toEqual({
      type: 'replaced',
      items: new Map([['shop/a', 'a@5']]),
      resourceVersion: '10',
    });
    expect([one.resourceVersion, one.isListing]).toEqual(['10', false]);
  });

  it('is told by initial events and the bookmark behind them', () => {
    const { it: one, tell } = collection();
    one.beginList();
    expect(tell(added('a', 5), added('b', 6), bookmark(7), modified('b', 8, 'ignored'), deleted('none', 8))).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
    expect(one.isListing).toBe(true);
    expect(tell(listEnd(10))).toEqual([
      { type: 'replaced', items: new Map([['shop/a', 'a@5']]), resourceVersion: '10' },
    ]);
  });

  it('is told by events, and moves on with each of them', () => {
    const { it: one, tell } = collection();
    one.beginList();
    one.endList('10');
    const steps = [added('a', 11), modified('a', 12), bookmark(15), deleted('a', 16)].map((event) => [
      tell(event)[0],
      one.resourceVersion,
    ]);
    expect(steps).toEqual([
      [{ type: 'upserted', key: 'shop/a', item: 'a@11', resourceVersion: '11' }, '11'],
      [{ type: 'upserted', key: 'shop/a', item: 'a@12', resourceVersion: '12' }, '12'],
      [{ type: 'bookmark', resourceVersion: '15' }, '15'],
      [{ type: 'removed', key: 'shop/a', resourceVersion: '16' }, '16'],
    ]);
  });

  it('moves on with events that change nothing', () => {
    const { it: one, tell } = collection();
    one.beginList();
    one.endList('10');
    expect(tell(added('a', 11, 'ignored'), added('b', 12, 'bad'), deleted('b', 13))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(one.resourceVersion).toBe('13');
  });

  it('names an object without a namespace by its name alone', () => {
    const { it: one, tell } = collection();
    one.beginList();
    one.endList('10');
    const { metadata, ...rest } = object('node-1', 11);
    const event: WatchEvent = {
      type: 'ADDED',
      object: { ...rest, metadata: { name: metadata.name, resourceVersion: '11' } },
    };
    expect(tell(event)).toMatchObject([{ key: 'node-1' }]);
  });

  it('forgets a list that was begun and never ended', () => {
    const { it: one, tell } = collection();
    one.beginList();
    tell(added('a', 5));
    one.beginList();
    tell(added('b', 6));
    expect(tell(listEnd(10))).toMatchObject([{ items: new Map([['shop/b', 'b@6']]) }]);
  });

  it('forgets what a new list no longer has, also the form that could be read', () => {
    const { it: one, tell } = collection();
    one.beginList();
    one.listed(object('a', 5));
    one.endList('10');
    one.beginList();
    one.endList('20');
    expect(tell(deleted('a', 21), added('a', 22, 'bad'))).toEqual([undefined, undefined]);
  });

  it('keeps within one list the form of an object that could be read', () => {
    const { it: one, tell, bad } = collection();
    one.beginList();
    tell(added('a', 5), modified('a', 6, 'bad'));
    expect(tell(listEnd(10))).toMatchObject([{ items: new Map([['shop/a', 'a@5']]) }]);
    expect(bad).toEqual(['shop/a']);
  });
});
