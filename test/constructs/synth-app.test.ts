import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { synthApp, YouzanApp } from '../../constructs/index.js';
import { anyProps } from './arbitrary.js';
import { demoSpec, fullSpec, propsOf } from './specs.js';

afterEach(() => vi.unstubAllEnvs());

/** As kubectl reads it: its YAML is of version 1.1, in which `yes` and `1e3` are no texts. */
const readBack = (yaml: string): unknown[] =>
  parseAllDocuments(yaml, { version: '1.1' }).map((document) => document.toJS() as unknown);

describe('a bundle', () => {
  it('is the Service, its budget for drains and the Deployment, as YAML and as objects', () => {
    const bundle = synthApp(propsOf(demoSpec));
    expect(bundle).toMatchObject({
      cluster: 'bc-a',
      idc: 'bc',
      app: 'trade-core',
      namespace: 'trade',
      fileName: 'trade-core.yaml',
    });
    expect(bundle.objects.map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace])).toEqual([
      ['Service', 'trade-core', 'trade'],
      ['PodDisruptionBudget', 'trade-core', 'trade'],
      ['Deployment', 'trade-core', 'trade'],
    ]);
    expect(readBack(bundle.yaml)).toEqual(bundle.objects);
  });

  it.each(['1.0', '1e3', '0x1F', '010', '1_000', '2026-01-01', 'yes', 'on', 'n', 'null', 'true'])(
    'reads back with the version %s as a text',
    (version) => {
      const bundle = synthApp({ ...propsOf(demoSpec), version, environment: { VERSION: version } });
      expect(readBack(bundle.yaml)).toEqual(bundle.objects);
    },
  );

  it('reads back whatever the props', () => {
    fc.assert(
      fc.property(anyProps(), (props) => {
        const bundle = synthApp(props);
        expect(readBack(bundle.yaml)).toEqual(bundle.objects);
      }),
      { numRuns: 30 },
    );
  });

  it('is the same bytes every time, whatever the environment', () => {
    const { yaml } = synthApp(propsOf(fullSpec));
    vi.stubEnv('CDK8S_DISABLE_SORT', '1');
    expect(synthApp(propsOf(fullSpec)).yaml).toBe(yaml);
  });

  it('is the same bytes whatever the ids of the constructs and their place in the tree', () => {
    const manifests = (chartId: string, groups: readonly string[], id: string): string => {
      const chart = new Chart(new App(), chartId);
      const scope = groups.reduce<Construct>((parent, group) => new Construct(parent, group), chart);
      new YouzanApp(scope, id, propsOf(demoSpec));
      return JSON.stringify(chart.toJson());
    };
    const id = fc.stringMatching(/^[A-Z][A-Za-z0-9 .-]{0,29}$/);
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/),
        fc.array(id, { maxLength: 3 }),
        id,
        (...tree) => {
          expect(manifests(...tree)).toBe(manifests('chart', [], 'app'));
        },
      ),
      { numRuns: 30 },
    );
  });
});
