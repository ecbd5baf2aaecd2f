import { describe, expect, it } from 'vitest';
import { synthApp } from '../../../constructs/index.js';
import { parseAppYaml, type AppSpec, type ProbeSet } from '../../../src/app-yaml/index.js';
import { defineConventions } from '../../../src/conventions/index.js';
import { containerOf } from '../objects.js';
import { debugged, demoSpec, propsOf } from '../specs.js';

const probesOf = (spec: AppSpec): object => {
  const probes = Object.entries(containerOf(propsOf(spec))).filter(([field]) => field.endsWith('Probe'));
  return Object.fromEntries(probes);
};
const withProbes = (probes: ProbeSet): object => probesOf({ ...demoSpec, probes });
const often = { periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 };
const staticSpec = parseAppYaml('kind: static\n', { file: 'web/app.yaml' });

describe('the probes', () => {
  it('are readiness alone, which asks the switch', () => {
    expect(withProbes({})).toEqual({ readinessProbe: { httpGet: { path: '/_HB_.php', port: 'http' }, ...often } });
  });

  it('ask the health of an app whose kind has no switch', () => {
    expect(probesOf(staticSpec)).toEqual({ readinessProbe: { httpGet: { path: '/', port: 'http' }, ...often } });
  });

  it('ask the switch of such an app when it has one', () => {
    const spec = { ...staticSpec, hooks: { online: {}, offline: {} } };
    expect(probesOf(spec)).toMatchObject({ readinessProbe: { httpGet: { path: '/_HB_.php', port: 'http' } } });
  });

  it('ask the health for liveness, slowly', () => {
    expect(withProbes({ liveness: {} })).toMatchObject({
      livenessProbe: {
        httpGet: { path: '/health', port: 'manage' },
        periodSeconds: 10,
        timeoutSeconds: 2,
        failureThreshold: 3,
      },
    });
  });

  it('wait at startup as long as preload does', () => {
    const conventions = defineConventions({ hooks: { preload: { deadlineSeconds: 25 } } });
    const spec = { ...demoSpec, probes: { startup: {} } };
    expect(containerOf({ ...propsOf(spec), conventions })).toMatchObject({
      startupProbe: { httpGet: { path: '/health', port: 'manage' }, ...often, failureThreshold: 13 },
    });
  });

  it.each<[string, ProbeSet, object]>([
    ['a path, at the port that is asked anyway', { readiness: { path: '/ready' } }, { path: '/ready', port: 'http' }],
    ['a path at another port', { readiness: { path: '/ready', port: 'manage' } }, { path: '/ready', port: 'manage' }],
  ])('ask %s', (_, probes, httpGet) => {
    expect(withProbes(probes)).toEqual({ readinessProbe: { httpGet, ...often } });
  });

  it('only connect to a port that is named without a path', () => {
    const tcpSocket = { port: 'manage' };
    expect(withProbes({ readiness: { port: 'manage' } })).toEqual({ readinessProbe: { tcpSocket, ...often } });
  });

  it('have times of their own', () => {
    const times = { periodSeconds: 5, timeoutSeconds: 4, failureThreshold: 1 };
    expect(withProbes({ readiness: times })).toMatchObject({ readinessProbe: times });
  });

  it('are none in a debug release', () => {
    const props = debugged(propsOf({ ...demoSpec, probes: { liveness: {} } }));
    expect(JSON.stringify(synthApp(props).objects)).not.toContain('Probe');
  });

  it('are refused where they ask a port that the app does not open', () => {
    const spec = { ...staticSpec, probes: { liveness: {} } };
    const conventions = defineConventions({
      kinds: { static: { roles: ['http', 'manage'], hooks: { health: { role: 'manage' } } } },
    });
    expect(() => synthApp({ ...propsOf(spec), conventions })).toThrow(
      'spec.probes.liveness: the app opens no manage, which it asks; name a port',
    );
  });
});
