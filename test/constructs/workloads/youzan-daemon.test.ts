import { describe, expect, it } from 'vitest';
import { synthApp, type YouzanDaemonProps } from '../../../constructs/index.js';
import { base, daemon, daemonBundle, workloadOf } from './bundles.js';

const hookless = { preload: false, online: false, offline: false } as const;

describe('a daemon', () => {
  it('is a DaemonSet and nothing else, updated on one node after the other', () => {
    const { objects } = daemonBundle();
    expect(objects.map(({ kind }) => kind)).toEqual(['DaemonSet']);
    expect(objects[0]?.['spec']).toMatchObject({
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
    });
  });

  it('is updated on as many nodes at once as its props say', () => {
    expect(workloadOf(daemonBundle({ ...daemon, maxUnavailable: 3 })).spec).toMatchObject({
      updateStrategy: { rollingUpdate: { maxUnavailable: 3 } },
    });
  });

  it('has neither online nor offline, since nobody sends it requests, but preload and stop', () => {
    const [container] = workloadOf(daemonBundle()).spec.template.spec.containers;
    const hooks = JSON.stringify(container?.lifecycle);
    expect(hooks).toContain('/health');
    expect(hooks).not.toContain('service=');
    expect(container?.readinessProbe).toMatchObject({ tcpSocket: { port: 'http' } });
  });

  it('needs no ports', () => {
    const spec = { ...daemon.spec, ports: {}, hooks: hookless };
    const [container] = workloadOf(daemonBundle({ ...daemon, spec })).spec.template.spec.containers;
    expect(container?.readinessProbe).toBeUndefined();
  });

  it('is published like an app where its props say so', () => {
    const { objects } = daemonBundle({ ...daemon, service: true });
    const app = synthApp(base).objects;
    expect(objects.map(({ kind }) => kind)).toEqual(['Service', 'DaemonSet']);
    expect(objects[0]).toEqual(app.find(({ kind }) => kind === 'Service'));
    expect(JSON.stringify(objects[1])).toContain('service=online');
  });

  it('is spread over nothing, for it is on each node, and stands on the nodes that it is for', () => {
    const { spec } = workloadOf(daemonBundle({ ...daemon, scheduling: { pools: ['gpu'] } })).spec.template;
    expect(spec).not.toHaveProperty('topologySpreadConstraints');
    expect(spec).not.toHaveProperty('affinity.podAntiAffinity');
    expect(spec).toMatchObject({ tolerations: [{ value: 'gpu' }] });
  });

  it.each([0, 1.5])('is refused with an update of %s nodes at once', (maxUnavailable) => {
    expect(() => daemonBundle({ ...daemon, maxUnavailable })).toThrow(
      `maxUnavailable: is ${maxUnavailable}; allowed: a whole number of at least 1`,
    );
  });

  it('is refused by tsc, which checks this file, with what only others have', () => {
    // @ts-expect-error a node has one pod of it
    const gray: YouzanDaemonProps = { ...base, color: 'gray' };
    // @ts-expect-error it has a pod on each node
    const scaled: YouzanDaemonProps = { ...base, scaling: { min: 1, max: 2, cpu: 50 } };
    // @ts-expect-error a drain leaves it alone
    const budgeted: YouzanDaemonProps = { ...base, disruptionBudget: { maxUnavailable: 1 } };
    // @ts-expect-error a debug release is another construct's
    const debugged: YouzanDaemonProps = { ...base, debug: true };
    expect([gray, scaled, budgeted, debugged]).toHaveLength(4);
  });
});
