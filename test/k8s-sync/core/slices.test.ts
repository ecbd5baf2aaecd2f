import { expect, it } from 'vitest';
import { initialState } from '../../../src/k8s-sync/core/index.js';
import { applySliceChange } from '../../../src/k8s-sync/core/slices.js';
import { configOf, sliceOf } from './play.js';

const list = (pods: Parameters<typeof sliceOf>[0]) =>
  ({ kind: 'replaced', slices: { 'default/shop': sliceOf(pods) }, resourceVersion: '7' }) as const;

it('leaves alone what a list says as it was said before', () => {
  const first = applySliceChange(initialState(configOf()), list({ a: 'ready' }));
  expect(first.touched).toEqual(['shop.http']);
  const again = applySliceChange(first.state, list({ a: 'ready' }));
  expect(again.touched).toEqual([]);
  expect(again.state).toEqual(first.state);
  expect(applySliceChange(first.state, list({ a: 'not-ready' })).touched).toEqual(['shop.http']);
});
