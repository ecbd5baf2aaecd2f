import fc from 'fast-check';
import type { YouzanAppProps } from '../../constructs/index.js';
import type { AppSpec } from '../../src/app-yaml/index.js';
import { colors } from '../../src/conventions/index.js';
import { debugged, demoSpec, fullSpec, propsOf, seedSpec } from './specs.js';

const label = fc
  .stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/)
  .filter((name) => !['gray', 'blue', 'green', 'stable', 'debug'].includes(name));
const seconds = fc.integer({ min: 1, max: 600 });
const text = fc.string({
  unit: fc.constantFrom(...Array.from('aZ09 .:-_#\'"\\${}[],&*!|>%@`~=?/\n\té中')),
  maxLength: 20,
});

/** Apps with any times and any number of helpers. */
export function anySpec(): fc.Arbitrary<AppSpec> {
  return fc
    .record({
      base: fc.constantFrom(seedSpec, demoSpec, fullSpec),
      offline: seconds,
      before: fc.array(seconds, { maxLength: 2 }),
      drainSeconds: fc.integer({ min: 0, max: 600 }),
      stop: seconds,
      helpers: fc.integer({ min: 0, max: 6 }),
    })
    .map(({ base, offline, before, drainSeconds, stop, helpers }) => {
      const names = Array.from({ length: helpers }, (_, at) => `helper-${at}`);
      return {
        ...base,
        helpers: names.map((name) => ({ name, command: ['sleep', '600'], after: [] })),
        after: names,
        hooks: {
          offline: {
            deadlineSeconds: offline,
            before: before.map((deadlineSeconds) => ({
              type: 'script' as const,
              name: 'step',
              command: ['true'],
              deadlineSeconds,
            })),
          },
          drainSeconds,
          stop: { deadlineSeconds: stop },
        },
      };
    });
}

/** Requests, a budget, networks and autoscalers, none of them needed. */
const traits = fc.record(
  {
    resources: fc.constant({ requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } }),
    macvlan: fc.record({ network: label, as: fc.constantFrom('default' as const, 'second' as const) }),
    disruptionBudget: fc.oneof(
      fc.constant(false as const),
      fc.record({ maxUnavailable: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant('25%')) }),
    ),
    scaling: fc.record({
      min: fc.integer({ min: 1, max: 4 }),
      max: fc.integer({ min: 4, max: 40 }),
      cpu: fc.integer({ min: 1, max: 100 }),
    }),
    scheduling: fc.record(
      {
        nodes: fc.dictionary(label, fc.oneof(label, fc.uniqueArray(label, { minLength: 1, maxLength: 3 })), {
          maxKeys: 3,
        }),
        pools: fc.uniqueArray(label, { minLength: 1, maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

/** Props of any workload that takes traffic, with anything else that an app may have. */
export function anyTraits(): fc.Arbitrary<YouzanAppProps & { readonly debug?: false }> {
  return fc.tuple(anyServing(), traits).map(([props, more]) => ({
    ...props,
    ...more,
    // Utilization is a share of the request.
    ...(more.scaling !== undefined && { resources: { requests: { cpu: '1', memory: '1Gi' } } }),
  }));
}

/** Props of any workload that takes traffic. */
export function anyServing(): fc.Arbitrary<YouzanAppProps & { readonly debug?: false }> {
  return fc
    .record(
      {
        spec: anySpec(),
        version: fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?$/),
        cluster: label,
        idc: label,
        namespace: label,
        env: fc.constantFrom('daily', 'qa', 'perf', 'pre', 'prod'),
        color: fc.constantFrom(...colors),
        sc: label,
        publishDeadlineSeconds: fc.integer({ min: 0, max: 3600 }),
        drainSeconds: fc.integer({ min: 0, max: 3600 }),
        environment: fc.dictionary(fc.stringMatching(/^X_[A-Z0-9_]{1,8}$/), text, { maxKeys: 3 }),
      },
      { requiredKeys: ['spec', 'version', 'cluster', 'idc', 'namespace', 'env'] },
    )
    .map((props) => ({ ...propsOf(props.spec), ...props }));
}

/** Props of any workload, a debug release among them. */
export function anyProps(): fc.Arbitrary<YouzanAppProps> {
  return fc.oneof({ arbitrary: anyServing(), weight: 3 }, { arbitrary: anyServing().map(debugged), weight: 1 });
}
