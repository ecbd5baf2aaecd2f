import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appLabels,
  isDnsLabel,
  isLabelKey,
  isLabelValue,
  quantityValue,
  resourceName,
  selectorLabels,
  shortenName,
  sourceName,
  upstreamName,
  type WorkloadIdentity,
} from '../../src/conventions/index.js';

describe('names', () => {
  it.each<[WorkloadIdentity, string]>([
    [{ app: 'trade-core' }, 'trade-core'],
    [{ app: 'trade-core', color: 'stable' }, 'trade-core'],
    [{ app: 'trade-core', color: 'gray' }, 'trade-core-gray'],
    [{ app: 'trade-core', sc: 'feature-1' }, 'trade-core-feature-1'],
    [{ app: 'trade-core', color: 'blue', sc: 'feature-1' }, 'trade-core-blue-feature-1'],
    [{ app: 'a'.repeat(60), color: 'green' }, `${'a'.repeat(54)}-3be61062`],
  ])('of %j are %s', (workload, name) => {
    expect(resourceName(workload)).toBe(name);
  });

  it('of the gateway join app and role, IDC and cluster', () => {
    expect([upstreamName('trade-core', 'http'), sourceName('bc', 'bc-a')]).toEqual(['trade-core.http', 'k8s.bc.bc-a']);
  });

  const dnsLabel = fc.stringMatching(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);

  it('are DNS labels whatever the app, and the same every time', () => {
    fc.assert(
      fc.property(dnsLabel, fc.constantFrom('stable' as const, 'gray' as const), dnsLabel, (app, color, sc) => {
        const name = resourceName({ app, color, sc });
        expect(isDnsLabel(name)).toBe(true);
        expect(resourceName({ app, color, sc })).toBe(name);
      }),
    );
  });

  it('that are shortened differ where the long ones differ', () => {
    const long = 'x'.repeat(80);
    expect(shortenName(`${long}1`)).not.toBe(shortenName(`${long}2`));
    expect(shortenName(`${'x'.repeat(53)}--${'y'.repeat(20)}`)).toMatch(/^x{53}-[0-9a-f]{8}$/);
  });

  it.each([
    ['app', true],
    ['youzan.com/app', true],
    ['youzan.com/', false],
    ['/app', false],
    ['a/b/c', false],
    ['UPPER.com/app', false],
    ['a'.repeat(64), false],
    ['-a', false],
  ])('as label keys: %s is %s', (key, valid) => {
    expect(isLabelKey(key)).toBe(valid);
  });

  it.each([
    ['1.0.0', true],
    ['', true],
    ['1.0+build', false],
    ['-1', false],
    ['a'.repeat(64), false],
  ])('as label values: "%s" is %s', (value, valid) => {
    expect(isLabelValue(value)).toBe(valid);
  });
});

describe('labels', () => {
  const place = { cluster: 'bc-a', idc: 'bc', env: 'prod' };

  it('carry the place and the workload, the service chain and the version only when set', () => {
    expect(appLabels({ app: 'trade-core', ...place })).toEqual({
      'app.kubernetes.io/name': 'trade-core',
      'app.kubernetes.io/instance': 'trade-core',
      'app.kubernetes.io/managed-by': 'youzan-kube',
      'youzan.com/app': 'trade-core',
      'youzan.com/cluster': 'bc-a',
      'youzan.com/color': 'stable',
      'youzan.com/env': 'prod',
      'youzan.com/idc': 'bc',
    });
    expect(appLabels({ app: 'trade-core', ...place, sc: 'f1', version: '2' })).toMatchObject({
      'youzan.com/sc': 'f1',
      'app.kubernetes.io/version': '2',
    });
  });

  it('select by app, color and service chain, never by what a release or a place changes', () => {
    expect(selectorLabels({ app: 'a' })).toEqual({ 'youzan.com/app': 'a', 'youzan.com/color': 'stable' });
    expect(selectorLabels({ app: 'a', color: 'gray', sc: 's' })).toEqual({
      'youzan.com/app': 'a',
      'youzan.com/color': 'gray',
      'youzan.com/sc': 's',
    });
  });
});

describe('quantities', () => {
  it.each([
    ['500m', 0.5],
    ['2', 2],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['1G', 1e9],
    ['2e3', 2000],
    ['.5', 0.5],
    ['1Gb', undefined],
    ['', undefined],
    ['1 G', undefined],
    ['K', undefined],
  ])('%s is %s', (text, value) => {
    expect(quantityValue(text)).toBe(value);
  });
});
