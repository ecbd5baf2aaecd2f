import { describe, expect, it } from 'vitest';
import { type Bundle, type FleetApp, synthApp, synthFleet } from '../../../constructs/index.js';
import { isYouzanKubeError, type YouzanKubeError } from '../../../src/conventions/index.js';
import { defineFleet } from '../../../src/fleet/index.js';
import { demoSpec, fullSpec, seedSpec } from '../specs.js';

const fleet = defineFleet({
  idcs: {
    bc: { clusters: { 'bc-a': { version: '1.34' }, 'bc-b': { version: '1.33' } } },
    bd: { clusters: { 'bd-a': { version: '1.34' } } },
  },
});
const appOf = (spec: FleetApp['spec'], more: Partial<Pick<FleetApp, 'env' | 'image'>> = {}): FleetApp => ({
  spec,
  image: `registry.example/${spec.name}:1.4.0`,
  version: '1.4.0',
  env: 'prod',
  namespace: 'trade',
  ...more,
});
const placeOf = ({ app, cluster }: Bundle): string => `${app} in ${cluster}`;

/** All bundles, and the error that follows them. */
async function synthAll(apps: readonly FleetApp[]): Promise<{ bundles: Bundle[]; error: YouzanKubeError | undefined }> {
  const bundles: Bundle[] = [];
  try {
    for await (const bundle of synthFleet({ fleet, apps })) bundles.push(bundle);
  } catch (error) {
    if (!isYouzanKubeError(error)) throw error;
    return { bundles, error };
  }
  return { bundles, error: undefined };
}

describe('a fleet', () => {
  it('has a bundle for each app in each cluster, as synthApp makes it', async () => {
    const { bundles, error } = await synthAll([appOf(demoSpec), appOf(seedSpec)]);
    expect(error).toBeUndefined();
    const places = [
      ['bc-a', 'bc', '1.34'],
      ['bc-b', 'bc', '1.33'],
      ['bd-a', 'bd', '1.34'],
    ] as const;
    expect(bundles).toEqual(
      [demoSpec, seedSpec].flatMap((spec) =>
        places.map(([cluster, idc, kubernetesVersion]) =>
          synthApp({ ...appOf(spec), cluster, idc, kubernetesVersion }),
        ),
      ),
    );
  });

  it.each<[string, Pick<FleetApp, 'idcs' | 'clusters'>, string[]]>([
    ['its IDCs', { idcs: ['bc'] }, ['bc-a', 'bc-b']],
    ['its clusters', { clusters: ['bd-a', 'bc-b'] }, ['bc-b', 'bd-a']],
    ['both', { idcs: ['bc'], clusters: ['bc-b', 'bd-a'] }, ['bc-b']],
  ])('has an app only in %s, in the order of the fleet', async (_, where, clusters) => {
    const { bundles } = await synthAll([{ ...appOf(demoSpec), ...where }]);
    expect(bundles.map(({ cluster }) => cluster)).toEqual(clusters);
  });

  it('puts what a cluster has of its own in the place of the rest, and merges the variables', async () => {
    const environment = { REGION: 'north', LEVEL: 'info' };
    const overrides = { 'bc-b': { image: 'registry.example/trade-core:1.5.0', environment: { LEVEL: 'debug' } } };
    const { bundles } = await synthAll([{ ...appOf(demoSpec), environment, overrides }]);
    const at = { idc: 'bc', kubernetesVersion: '1.33', cluster: 'bc-b' };
    const own = { ...appOf(demoSpec), ...overrides['bc-b'], environment: { REGION: 'north', LEVEL: 'debug' } };
    expect(bundles[1]).toEqual(synthApp({ ...own, ...at }));
    expect(bundles[0]?.yaml).toContain('registry.example/trade-core:1.4.0');
  });

  it('takes the next app only when the bundles of the one before are taken', async () => {
    const asked: string[] = [];
    function* apps(): Generator<FleetApp> {
      for (const spec of [demoSpec, seedSpec, fullSpec]) {
        asked.push(spec.name);
        yield { ...appOf(spec), clusters: ['bc-a'] };
      }
    }
    const bundles = synthFleet({ fleet, apps: apps() });
    await bundles.next();
    expect(asked).toEqual([demoSpec.name]);
    await bundles.next();
    expect(asked).toEqual([demoSpec.name, seedSpec.name]);
    await bundles.return();
  });

  it('takes apps that come from elsewhere, one at a time', async () => {
    async function* apps(): AsyncGenerator<FleetApp> {
      yield await Promise.resolve(appOf(demoSpec));
    }
    const places: string[] = [];
    for await (const bundle of synthFleet({ fleet, apps: apps() })) places.push(placeOf(bundle));
    expect(places).toEqual(['trade-core in bc-a', 'trade-core in bc-b', 'trade-core in bd-a']);
  });
});

describe('apps that are not valid', () => {
  it('give all their findings after the bundles of the others, and what several clusters have once', async () => {
    const { bundles, error } = await synthAll([
      appOf(fullSpec, { image: 'no-tag', env: 'production' }),
      appOf(demoSpec),
      { ...appOf(seedSpec), overrides: { 'bc-b': { version: '1+2' } } },
    ]);
    expect(bundles.map(placeOf)).toEqual([
      'trade-core in bc-a',
      'trade-core in bc-b',
      'trade-core in bd-a',
      'wsgi-app in bc-a',
      'wsgi-app in bd-a',
    ]);
    expect([error?.code, error?.message.split('\n')[0]]).toEqual([
      'FLEET_SYNTH_INVALID',
      '2 apps are not valid: 3 findings',
    ]);
    expect(error?.findings).toEqual([
      {
        path: `bc-a/${fullSpec.name}.env`,
        message: '"production" is no environment; known are daily, qa, perf, pre, prod (also in bc-b, bd-a)',
      },
      { path: `bc-a/${fullSpec.name}.image`, message: '"no-tag" has no tag and no digest (also in bc-b, bd-a)' },
      {
        path: 'bc-b/wsgi-app.version',
        message: '"1+2" is no label value: letters, digits, "-", "_", ".", at most 63',
      },
    ]);
  });

  it.each<[string, Pick<FleetApp, 'idcs' | 'clusters' | 'overrides'>, string[]]>([
    ['an IDC', { idcs: ['bx'] }, ['trade-core.idcs: "bx" is no IDC of the fleet; it has bc, bd; did you mean "bc"?']],
    [
      'a cluster',
      { clusters: ['bc-a', 'east'] },
      ['trade-core.clusters: "east" is no cluster of the fleet; it has bc-a, bc-b, bd-a'],
    ],
    [
      'a cluster to override',
      { overrides: { 'bd-b': {} } },
      ['trade-core.overrides: "bd-b" is no cluster of the fleet; it has bc-a, bc-b, bd-a; did you mean "bc-b"?'],
    ],
    [
      'no cluster',
      { idcs: ['bd'], clusters: ['bc-a'] },
      ['trade-core: goes to no cluster: its clusters are in none of its IDCs'],
    ],
  ])('are told when they name %s that the fleet has not', async (_, where, findings) => {
    const { error } = await synthAll([{ ...appOf(demoSpec), ...where }]);
    expect(error?.findings.map(({ path, message }) => `${path}: ${message}`)).toEqual(findings);
  });

  it('would write one file: the second is refused', async () => {
    const { bundles, error } = await synthAll([appOf(demoSpec), { ...appOf(demoSpec), clusters: ['bc-b'] }]);
    expect(bundles).toHaveLength(3);
    expect(error?.findings).toEqual([
      { path: 'bc-b/trade-core', message: 'would be a second trade-core.yaml of namespace trade' },
    ]);
  });

  it('are listed up to a hundred findings, and counted beyond', async () => {
    const apps = Array.from({ length: 80 }, (_, at) =>
      appOf({ ...seedSpec, name: `app-${at}` }, { image: 'no-tag', env: 'production' }),
    );
    const { error } = await synthAll(apps);
    expect(error?.findings).toHaveLength(100);
    expect(error?.hint).toBe('these are the first 100; there are 60 more');
    expect(error?.message.split('\n')[0]).toBe('80 apps are not valid: 100 findings');
  });
});
