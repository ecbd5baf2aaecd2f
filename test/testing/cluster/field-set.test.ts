import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/kube/object.js';
import { resources } from '../../../src/kube/resource.js';
import {
  diffFields,
  fieldPathText,
  fieldsOf,
  fromFieldsV1,
  mergeFields,
  toFieldsV1,
} from '../../../src/testing/cluster/field-set.js';
import { createStore } from '../../../src/testing/cluster/memory-store.js';

const name = fc.constantFrom('a', 'b', 'c', 'd');
const env = fc.uniqueArray(fc.record({ name, value: fc.constantFrom('1', '2') }), {
  selector: (item) => item.name,
  maxLength: 4,
});
const spec = fc.record(
  {
    paused: fc.boolean(),
    containers: fc.uniqueArray(
      fc.record(
        { name, image: fc.constantFrom('x', 'y'), env, args: fc.array(name, { maxLength: 2 }) },
        { requiredKeys: ['name'] },
      ),
      { selector: (item) => item.name, maxLength: 3 },
    ),
    labels: fc.dictionary(name, fc.constantFrom('1', '2'), { maxKeys: 3 }),
  },
  { requiredKeys: [] },
);

describe('field sets', () => {
  it('survive the way through fieldsV1', () => {
    fc.assert(
      fc.property(spec, (value) => {
        const set = fieldsOf(value);
        expect(fromFieldsV1(toFieldsV1(set))).toEqual(set);
      }),
    );
  });

  it('find no difference between equal values and every difference to a merged one', () => {
    fc.assert(
      fc.property(spec, spec, (live, config) => {
        expect(diffFields(live, live)).toEqual({ changed: new Set(), removed: new Set() });
        const merged = mergeFields(live, config);
        expect(diffFields(live, merged).removed).toEqual(new Set());
        expect(mergeFields(merged, config)).toEqual(merged);
      }),
    );
  });

  it('are written as conflicts name them', () => {
    const paths = [
      ...fieldsOf({
        spec: { containers: [{ name: 'app', ports: [{ containerPort: 80 }] }] },
        metadata: { finalizers: ['x'] },
      }),
    ];
    expect(paths.map(fieldPathText)).toEqual([
      '.spec.containers[name="app"]',
      '.spec.containers[name="app"].name',
      '.spec.containers[name="app"].ports[containerPort=80,protocol="TCP"]',
      '.spec.containers[name="app"].ports[containerPort=80,protocol="TCP"].containerPort',
      '.metadata.finalizers[="x"]',
    ]);
  });
});

describe('server-side apply', () => {
  const data = fc.dictionary(name, fc.constantFrom('1', '2'), { maxKeys: 4 });
  const step = fc.record({ manager: fc.constantFrom('one', 'two', 'three'), data });
  const config = (own: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'shared', namespace: 'default' },
    data: own,
  });

  it('by force, in any order, leaves exactly what the managers last sent and still own', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        const store = createStore();
        const owners = new Map<string, Map<string, string>>();
        for (const { manager, data: own } of steps) {
          store.write(resources.configMaps, config(own), { how: 'apply', manager, force: true });
          for (const [other, theirs] of owners) {
            if (other === manager) continue;
            for (const [key, value] of Object.entries(own)) if (theirs.get(key) !== value) theirs.delete(key);
          }
          owners.set(manager, new Map(Object.entries(own)));
        }
        const expected = Object.fromEntries([...owners.values()].flatMap((own) => [...own]));
        expect(store.get(resources.configMaps, 'default', 'shared')?.['data'] ?? {}).toEqual(expected);
      }),
    );
  });
});
