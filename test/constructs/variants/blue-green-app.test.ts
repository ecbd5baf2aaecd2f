import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlueGreenApp, type BlueGreenAppProps, type Bundle, synthApp, synthBundle } from '../../../constructs/index.js';
import { isYouzanKubeError, youzanConventions } from '../../../src/conventions/index.js';
import { decodeEndpointSlice } from '../../../src/members/index.js';
import { anyServing } from '../arbitrary.js';
import { demoSpec, propsOf } from '../specs.js';

const { spec, cluster, idc, env, namespace } = propsOf(demoSpec);
const place = { spec, cluster, idc, env, namespace };
const release = (version: string) => ({ image: `registry.example/trade-core:${version}`, version });
const blue = release('1.4.0');
const green = release('1.5.0');
const both: BlueGreenAppProps = { ...place, blue, green, active: 'blue' };
const keys = youzanConventions.labels;

const bundleOf = (props: BlueGreenAppProps): Bundle =>
  synthBundle(props, (chart) => new BlueGreenApp(chart, 'trade-core', props));
const namesOf = ({ objects }: Bundle): string[] => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
const activeOf = ({ objects }: Bundle) => objects.find(({ metadata }) => metadata.name === 'trade-core-active');

describe('a pair of colors', () => {
  it('is each color as it would be alone, and one active Service', () => {
    const alone = (['blue', 'green'] as const).flatMap(
      (color) => synthApp({ ...place, ...both[color]!, color }).objects,
    );
    const { objects } = bundleOf(both);
    expect(objects).toEqual(expect.arrayContaining(alone));
    expect(objects).toHaveLength(alone.length + 1);
  });

  it('sends to the active color, by the ports of the app', () => {
    expect(activeOf(bundleOf(both))).toMatchObject({
      kind: 'Service',
      spec: {
        selector: { [keys.app]: 'trade-core', [keys.color]: 'blue' },
        ports: [
          { name: 'http', port: 8030, targetPort: 'http' },
          { name: 'manage', port: 8001, targetPort: 'manage' },
        ],
      },
    });
  });

  it('changes one selector and no other byte when it is switched', () => {
    const before = bundleOf(both).yaml.split('\n');
    const after = bundleOf({ ...both, active: 'green' } as BlueGreenAppProps).yaml.split('\n');
    const changed = before.flatMap((line, at) => (line === after[at] ? [] : [[line.trim(), after[at]?.trim()]]));
    expect(after).toHaveLength(before.length);
    expect(changed).toEqual([[`${keys.color}: blue`, `${keys.color}: green`]]);
  });

  it('changes one selector whatever the app', () => {
    fc.assert(
      fc.property(anyServing(), ({ image, version, spec: any, drainSeconds, environment }) => {
        const own = { ...place, spec: any, drainSeconds, environment };
        const props = { ...own, blue: { image, version }, green: { image, version: '2' } };
        const objects = (active: 'blue' | 'green') => bundleOf({ ...props, active }).objects;
        const differing = objects('blue').filter(
          (object, at) => JSON.stringify(object) !== JSON.stringify(objects('green')[at]),
        );
        expect(differing.map(({ metadata }) => metadata.name)).toEqual([expect.stringMatching(/-active$/) as unknown]);
      }),
      { numRuns: 10 },
    );
  });

  it('may have the active color alone', () => {
    const names = namesOf(bundleOf({ ...place, blue, active: 'blue' }));
    expect(names).toContain('Deployment trade-core-blue');
    expect(names.some((name) => name.includes('green'))).toBe(false);
  });

  it('has an active Service whose slices k8s-sync takes no server from, unlike those of a color', () => {
    const sliceOf = (name: string): object => {
      const service = bundleOf(both).objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === name);
      return {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        addressType: 'IPv4',
        metadata: { name: 'a', namespace, labels: service?.metadata.labels },
        ports: [{ name: 'http', port: 8030, protocol: 'TCP' }],
        endpoints: [{ addresses: ['10.0.0.1'], targetRef: { kind: 'Pod', name: 'a', namespace, uid: 'u' } }],
      };
    };
    const membersOf = (name: string): unknown => decodeEndpointSlice(sliceOf(name), youzanConventions);
    expect(membersOf('trade-core-blue')).toMatchObject({ app: 'trade-core', color: 'blue' });
    expect(membersOf('trade-core-active')).toBeUndefined();
  });

  it('has for one color another description of the same app', () => {
    const other = { ...spec, env: { NEW: '1' } };
    const objects = bundleOf({ ...both, green: { ...green, spec: other } }).objects;
    const withNew = objects.filter((object) => JSON.stringify(object).includes('"NEW"'));
    expect(withNew.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['Deployment trade-core-green']);
  });

  it('is the same bytes in whatever order the props stand, and under whatever name', () => {
    const reversed = Object.fromEntries(Object.entries(both).reverse());
    const again = synthBundle(both, (chart) => new BlueGreenApp(chart, 'Other', reversed as BlueGreenAppProps));
    expect(again.yaml).toBe(bundleOf(both).yaml);
  });
});

describe('a malformed pair', () => {
  const findingsOf = (patch: object): string[] => {
    try {
      bundleOf({ ...both, ...patch });
    } catch (error) {
      if (!isYouzanKubeError(error)) throw error;
      return error.findings.map(({ path, message }) => `${path.replace('bc-a/trade-core', '')}: ${message}`);
    }
    throw new Error('the props were taken');
  };

  it.each<[string, object, readonly string[]]>([
    ['no active color', { active: 'pink' }, ['.active: "pink" is neither blue nor green']],
    ['an active color that is missing', { blue: undefined }, ['.blue: is missing, and is the active one']],
    [
      'no port',
      { spec: { ...spec, ports: {}, hooks: { preload: false, online: false, offline: false } } },
      ['.spec.ports: has none that callers could be sent to'],
    ],
    [
      'a color of another app',
      { green: { ...green, spec: { ...spec, name: 'other' } } },
      [`.green.spec.name: is "other"; the pair's is "trade-core"`],
    ],
    [
      'a color without a port',
      { spec: { ...spec, ports: { ...spec.ports, rpc: 8100 } }, green: { ...green, spec } },
      ['.green.spec.ports: has no rpc, which the active Service sends to'],
    ],
    [
      'what is wrong in both colors',
      { blue: { ...blue, version: '' }, green: { ...green, image: 'trade-core' } },
      [expect.stringMatching(/^\/blue\.version: /), expect.stringMatching(/^\/green\.image: /)] as string[],
    ],
  ])('is refused for %s', (_, patch, findings) => {
    expect(findingsOf(patch)).toEqual(findings);
  });
});

describe('what the compiler refuses of a pair', () => {
  it('is refused by tsc, which checks this file', () => {
    // @ts-expect-error the active color is there
    const missing: BlueGreenAppProps = { ...place, green, active: 'blue' };
    // @ts-expect-error the colors are its own
    const gray: BlueGreenAppProps = { ...place, blue, active: 'blue', color: 'gray' };
    // @ts-expect-error a project environment tries one version
    const chained: BlueGreenAppProps = { ...place, blue, active: 'blue', sc: 'f1' };
    // @ts-expect-error a pair takes traffic
    const debugged: BlueGreenAppProps = { ...place, blue, active: 'blue', debug: true };
    // @ts-expect-error each color has its own image
    const shared: BlueGreenAppProps = { ...place, blue, active: 'blue', image: 'registry.example/trade-core:1' };
    // @ts-expect-error no third color
    const third: BlueGreenAppProps = { ...place, blue, active: 'stable' };
    expect([missing, gray, chained, debugged, shared, third]).toHaveLength(6);
  });
});
