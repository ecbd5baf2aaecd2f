import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/kube/object.js';
import { resources } from '../../../src/kube/resource.js';
import { isApiError } from '../../../src/testing/cluster/api-error.js';
import { createStore } from '../../../src/testing/cluster/memory-store.js';
import type { StoreEvent } from '../../../src/testing/cluster/store.js';

const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});

const reasonOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (isApiError(error)) return error.reason;
    throw error;
  }
  return 'nothing thrown';
};

describe('the store', () => {
  it('tells every listener the changes in order, also when a listener writes', () => {
    const store = createStore();
    const seen: string[] = [];
    store.subscribe((event) => {
      if (event.object.metadata.name === 'first') store.create(resources.configMaps, configMap('second'), 'test');
    });
    store.subscribe((event) => seen.push(event.object.metadata.name));
    store.create(resources.configMaps, configMap('first'), 'test');
    expect(seen).toEqual(['first', 'second']);
  });

  it('changes no object that it has handed out', () => {
    const store = createStore();
    const made = store.create(resources.configMaps, configMap('fixed', { x: '1' }), 'test');
    expect(() => (made.metadata.name = 'other')).toThrow(TypeError);
    store.update(resources.configMaps, configMap('fixed', { x: '2' }), 'test');
    expect(made['data']).toEqual({ x: '1' });
  });

  it('writes nothing when nothing differs', () => {
    const store = createStore();
    const made = store.create(resources.configMaps, configMap('still', { x: '1' }), 'test');
    const events: StoreEvent[] = [];
    store.subscribe((event) => events.push(event));
    expect(store.update(resources.configMaps, made, 'other')).toBe(made);
    expect(events).toEqual([]);
  });

  it('shows any moment of its history until that is compacted', () => {
    const store = createStore();
    store.create(resources.configMaps, configMap('a', { x: '1' }), 'test');
    const then = store.resourceVersion;
    store.update(resources.configMaps, configMap('a', { x: '2' }), 'test');
    store.create(resources.configMaps, configMap('b'), 'test');
    store.delete(resources.configMaps, 'default', 'a');
    expect(store.snapshot(resources.configMaps, 'default', then).map((object) => object['data'])).toEqual([{ x: '1' }]);
    expect(store.since(then).map((event) => event.type)).toEqual(['MODIFIED', 'ADDED', 'DELETED']);
    store.compact();
    expect(reasonOf(() => store.since(then))).toBe('Expired');
    expect(store.since(store.resourceVersion)).toEqual([]);
  });

  it('forgets the oldest of a long history', () => {
    const store = createStore({ history: 10 });
    const start = store.resourceVersion;
    for (let value = 0; value < 40; value += 1)
      store.write(resources.configMaps, configMap('busy', { x: String(value) }), { how: 'apply', manager: 'test' });
    expect(reasonOf(() => store.since(start))).toBe('Expired');
    expect(store.since(store.resourceVersion - 10)).toHaveLength(10);
  });

  it('lives by the clock that it is given', () => {
    const store = createStore({ now: () => new Date('2030-01-01T00:00:00.500Z') });
    const { metadata } = store.create(resources.configMaps, configMap('timed'), 'test');
    expect(metadata.creationTimestamp).toBe('2030-01-01T00:00:00Z');
  });
});
