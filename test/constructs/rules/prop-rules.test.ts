import { describe, expect, it } from 'vitest';
import { rules, synthApp } from '../../../constructs/index.js';
import { propRules } from '../../../constructs/rules/prop-rules.js';
import type { AppSpec, HelperSpec } from '../../../src/app-yaml/index.js';
import { isYouzanKubeError } from '../../../src/conventions/index.js';
import { demoSpec, propsOf } from '../specs.js';

const helper = (name: string, ...after: readonly string[]): HelperSpec => ({ name, command: ['true'], after });

/** What is wrong with an app of other helpers: each finding's rule and prop. */
function brokenBy(change: Partial<AppSpec>): (readonly [string | undefined, string])[] {
  try {
    synthApp(propsOf({ ...demoSpec, after: [], ...change }));
  } catch (error) {
    if (!isYouzanKubeError(error)) throw error;
    return error.findings.map(({ rule, path }) => [rule, path.replace('bc-a/trade-core.', '')]);
  }
  return [];
}

describe('the rules of props', () => {
  it.each<[string, string, Partial<AppSpec>]>([
    ['helper-cycle', 'spec.helpers', { helpers: [helper('a', 'b'), helper('b', 'a')] }],
    ['unknown-helper', 'spec.helpers.0.after.0', { helpers: [helper('a', 'b')] }],
    ['unknown-helper', 'spec.after.0', { helpers: [], after: ['agent'] }],
    ['two-mains', 'spec.helpers.0.name', { helpers: [helper('app')] }],
    ['two-mains', 'spec.helpers.1.name', { helpers: [helper('a'), helper('a')] }],
  ])('have the id %s for what is wrong with %s', (id, prop, change) => {
    expect(brokenBy(change)).toEqual([[id, prop]]);
  });

  it('take helpers that wait for each other in order', () => {
    expect(brokenBy({ helpers: [helper('a'), helper('b', 'a')], after: ['b'] })).toEqual([]);
  });

  it('have no id for what is said of the prop alone', () => {
    expect(brokenBy({ ports: { http: 8030, manage: 8030 } })).toEqual([[undefined, 'spec.ports.manage']]);
  });

  it('have ids that no other rule has', () => {
    expect(propRules.filter(({ id }) => rules.some((rule) => rule.id === id))).toEqual([]);
  });
});
