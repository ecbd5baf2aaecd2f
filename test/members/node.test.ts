import { expect, it } from 'vitest';
import { decodeNode } from '../../src/members/index.js';

const nodeOf = (status: string | undefined, at = '2026-01-01T10:00:00Z'): unknown => ({
  metadata: { name: 'n1', creationTimestamp: '2026-01-01T09:00:00Z' },
  status: {
    conditions: [
      { type: 'MemoryPressure', status: 'False', lastTransitionTime: '2026-01-01T09:30:00Z' },
      ...(status === undefined ? [] : [{ type: 'Ready', status, lastTransitionTime: at }]),
    ],
  },
});
const since = Date.parse('2026-01-01T10:00:00Z');

it.each([
  ['True', { ready: true, since }],
  ['False', { ready: false, since }],
  ['Unknown', { ready: false, since }],
])('reads a node whose condition Ready is %s', (status, record) => {
  expect(decodeNode(nodeOf(status))).toEqual(record);
});

it('reads a node that was lost soon after it came', () => {
  expect(decodeNode(nodeOf('Unknown', '2026-01-01T09:00:20Z'))).toMatchObject({ ready: false });
});

it.each<[string, unknown]>([
  ['has not been ready since it came', nodeOf('False', '2026-01-01T09:00:20Z')],
  ['has no condition Ready yet', nodeOf(undefined)],
  ['says no time', nodeOf('False', 'soon')],
  ['has no status', { metadata: { name: 'n1' } }],
])('leaves out a node that %s', (_, node) => {
  expect(decodeNode(node)).toBeUndefined();
});
