import { describe, expect, it } from 'vitest';
import { plannedChanges } from '../../src/k8s-sync/plan.js';
import { digestOf } from '../../src/members/index.js';
import { configOf, type Pods, serversOf, sliceOf, upstream } from './core/play.js';

/** What is planned for one gateway that has these servers. */
function plan(pods: Pods, servers: string) {
  const has = serversOf(servers);
  const content = {
    upstream,
    source: 'k8s.bc.bc-a',
    generation: '1',
    revision: 7,
    digest: digestOf(has),
    servers: has,
  };
  const contents = new Map([['g1', servers === '' ? [] : [content]]]);
  return plannedChanges(configOf(), { one: sliceOf(pods) }, contents);
}
const change = { gateway: 'g1', upstream, add: [], drain: [], remove: [], held: [] };
const [a, b, c] = ['10.0.0.1:8030', '10.0.0.2:8030', '10.0.0.3:8030'];

describe('a plan', () => {
  it.each<[string, Pods, string, object[]]>([
    ['adds what is ready', { a: 'ready', b: 'not-ready' }, '', [{ ...change, add: [a] }]],
    ['is empty when all is as it should be', { a: 'ready', b: 'ready' }, 'a, b', []],
    ['drains what ends', { a: 'ready', b: 'ended' }, 'a, b', [{ ...change, drain: [b] }]],
    ['drains what no slice has', { a: 'ready' }, 'a, b', [{ ...change, drain: [b] }]],
    [
      'tells what waits for adds as well',
      { a: 'ready', b: 'not-ready', c: 'ready' },
      'a, b',
      [{ ...change, add: [c], drain: [b] }],
    ],
    [
      'removes an address that another pod has',
      { 'c@b': 'ready', a: 'ready' },
      'a, b',
      [{ ...change, add: [b], remove: [b] }],
    ],
    ['says what a guard would hold', { a: 'not-ready', b: 'not-ready' }, 'a, b', [{ ...change, held: [a, b] }]],
  ])('%s', (_what, pods, servers, expected) => {
    expect(plan(pods, servers)).toEqual(expected);
  });

  it('leaves out a gateway that could not be read', () => {
    const contents = new Map([['g2', []]]);
    const changes = plannedChanges(configOf({ gateways: ['g1', 'g2'] }), { one: sliceOf({ a: 'ready' }) }, contents);
    expect(changes.map(({ gateway }) => gateway)).toEqual(['g2']);
  });
});
