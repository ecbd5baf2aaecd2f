import { describe, expect, it } from 'vitest';
import { runtimeOf } from '../../../constructs/app/runtime.js';
import { defineConventions, youzanConventions } from '../../../src/conventions/index.js';
import { demoSpec, seedSpec } from '../specs.js';

describe("an app's scripts", () => {
  const conventions = youzanConventions;

  it('are made once for clusters in a row', () => {
    const first = runtimeOf(demoSpec, conventions, { drainSeconds: 3 });
    expect(runtimeOf({ ...demoSpec }, conventions, { drainSeconds: 3 })).toBe(first);
  });

  it('follow every change of the app, the options and the conventions', () => {
    const helpers = [{ name: 'agent', command: ['agent'], after: [] }];
    const changing: { entrypoint: readonly string[] } & typeof seedSpec = { ...seedSpec, helpers, entrypoint: ['one'] };
    const one = runtimeOf(changing, conventions, {});
    changing.entrypoint = ['two'];
    const two = runtimeOf(changing, conventions, {});
    expect([one.entrypoint.includes("'two'"), two.entrypoint === one.entrypoint]).toEqual([false, false]);
    const drained = runtimeOf(changing, conventions, { drainSeconds: 99 });
    expect(drained.terminationGraceSeconds).toBeGreaterThan(two.terminationGraceSeconds);
    const slower = defineConventions({ helperStopSeconds: 1 });
    expect(runtimeOf(changing, slower, {}).terminationGraceSeconds).not.toBe(two.terminationGraceSeconds);
    expect(runtimeOf(changing, conventions, {})).toEqual(two);
  });
});
