// What holds for the manifests of any app, however its props are written.
import { App, Chart } from 'cdk8s';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { synthApp, validateChart, YouzanApp, type YouzanAppProps } from '../../constructs/index.js';
import { anyProps, anyTraits } from './arbitrary.js';
import { strictFindings } from './strict.js';

const runs = { numRuns: 30 };
const any = fc.oneof(anyTraits(), anyProps());

/** The same value with its keys in another order. */
function shuffled(value: unknown, turn: number): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => shuffled(item, turn));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Record<string, unknown>).map(
    ([key, inner]) => [key, shuffled(inner, turn)] as const,
  );
  const at = entries.length === 0 ? 0 : turn % entries.length;
  return Object.fromEntries([...entries.slice(at), ...entries.slice(0, at)].reverse());
}

describe('the manifests of any app', () => {
  it('are the same whatever the order of the keys of the props', () => {
    fc.assert(
      fc.property(any, fc.nat({ max: 20 }), (props, turn) => {
        expect(synthApp(shuffled(props, turn) as YouzanAppProps).yaml).toBe(synthApp(props).yaml);
      }),
      runs,
    );
  });

  it('are the same a second time, and leave the props as they were', () => {
    fc.assert(
      fc.property(any, (props) => {
        const before = structuredClone(props);
        expect(synthApp(props)).toEqual(synthApp(props));
        expect(props).toEqual(before);
      }),
      runs,
    );
  });

  it('are what the API takes, and break no rule that is an error', () => {
    fc.assert(
      fc.property(any, (props) => {
        const { objects, warnings } = synthApp({ ...props, kubernetesVersion: '1.34' });
        expect(objects.flatMap(strictFindings)).toEqual([]);
        expect(warnings.filter(({ severity }) => severity === 'error')).toEqual([]);
      }),
      runs,
    );
  });

  it('have no field that an older cluster does not know', () => {
    fc.assert(
      fc.property(any, fc.constantFrom('1.26', '1.28', '1.30', '1.33'), (props, kubernetesVersion) => {
        expect(() => synthApp({ ...props, kubernetesVersion })).not.toThrow();
      }),
      runs,
    );
  });

  it('have lost nothing on the way from the objects to the chart', () => {
    fc.assert(
      fc.property(any, (props) => {
        const chart = new Chart(new App(), 'bc-a');
        new YouzanApp(chart, 'app', props);
        expect(validateChart(chart).filter(({ severity }) => severity === 'error')).toEqual([]);
      }),
      runs,
    );
  });

  it("have each of the app's variables, with its value", () => {
    fc.assert(
      fc.property(anyTraits(), (props) => {
        const { objects } = synthApp(props);
        const text = JSON.stringify(objects);
        for (const [name, value] of Object.entries({ ...props.spec.env, ...props.environment }))
          expect(text).toContain(JSON.stringify({ name, value }));
      }),
      runs,
    );
  });
});
