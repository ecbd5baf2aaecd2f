import { describe, expect, it } from 'vitest';
import { mergeSpecs, type ClusterSpec } from './lab/cluster-spec.js';

const idc = 'bc';

describe('a cluster that is asked for', () => {
  it.each<[string, ClusterSpec | undefined, ClusterSpec, Partial<ClusterSpec>]>([
    ['for the first time', undefined, { idc, nodes: 2 }, { nodes: 2, scale: { nodes: 0 } }],
    ['again, with more nodes', { idc, nodes: 1 }, { idc, nodes: 2 }, { nodes: 2 }],
    ['again, with fewer nodes', { idc, nodes: 2 }, { idc }, { nodes: 2 }],
    [
      'again, with more nodes of KWOK',
      { idc, scale: { nodes: 5 } },
      { idc, scale: { nodes: 50 } },
      { scale: { nodes: 50 } },
    ],
    [
      'again, with its second network',
      { idc, secondNetwork: true },
      { idc, secondNetwork: true },
      { secondNetwork: true },
    ],
  ])('%s, has all of it', (_, known, asked, expected) => {
    expect(mergeSpecs('bc-a', known, asked)).toMatchObject(expected);
  });

  it.each<[string, ClusterSpec | undefined, ClusterSpec, string]>([
    [
      'with a second network too late',
      { idc },
      { idc, secondNetwork: true },
      'bc-a runs without a second network already',
    ],
    [
      'without the second network that it has',
      { idc, secondNetwork: true },
      { idc },
      'bc-a runs with a second network already',
    ],
    [
      'with both kinds of nodes',
      undefined,
      { idc, nodes: 1, scale: { nodes: 1 } },
      "can't have real nodes and nodes of KWOK",
    ],
    [
      'with the other kind of nodes',
      { idc, nodes: 1 },
      { idc, scale: { nodes: 1 } },
      'ask for a cluster of another name',
    ],
  ])('%s, is refused', (_, known, asked, message) => {
    expect(() => mergeSpecs('bc-a', known, asked)).toThrow(message);
  });

  it('by a name that is no name, is refused with what a name is', () => {
    expect(() => mergeSpecs('BC_A', undefined, { idc })).toThrow('matches /^[a-z][a-z0-9-]{0,40}$/, not "BC_A"');
  });
});
