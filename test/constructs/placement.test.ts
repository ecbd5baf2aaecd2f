import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { synthApp, type YouzanAppProps } from '../../constructs/index.js';
import type { AppSpec, HelperSpec } from '../../src/app-yaml/index.js';
import { deploymentOf } from './objects.js';
import { demoSpec, fullSpec, propsOf } from './specs.js';
import { strictFindings } from './strict.js';

interface Container {
  readonly name: string;
  readonly command: readonly string[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe?: { readonly exec: { readonly command: readonly string[] }; readonly failureThreshold: number };
  readonly [field: string]: unknown;
}
interface PodSpec {
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly name: string }[];
  readonly terminationGracePeriodSeconds: number;
}

const podOf = (props: YouzanAppProps): PodSpec => deploymentOf(props).spec.template.spec as unknown as PodSpec;
const sidecar = (spec: AppSpec, more: Partial<YouzanAppProps> = {}): YouzanAppProps =>
  ({ ...propsOf(spec), placement: 'sidecar', ...more }) as YouzanAppProps;
const withHelpers = (helpers: readonly HelperSpec[], after: readonly string[] = []): AppSpec => ({
  ...demoSpec,
  helpers,
  after,
});
const helper = (name: string, after: readonly string[] = [], more: Partial<HelperSpec> = {}): HelperSpec => ({
  name,
  command: ['sleep', '600'],
  after,
  ...more,
});
const gate = { type: 'tcp', port: 2280, deadlineSeconds: 7.5 } as const;
const scriptOf = (container: Container | undefined): string => container?.command.at(-1) ?? '';

describe('helpers as sidecars', () => {
  it('are init containers that stay, in an order in which each is behind all that it is after', () => {
    const order = podOf(sidecar(withHelpers([helper('c', ['b']), helper('b', ['a']), helper('a')]))).initContainers;
    expect(order?.map(({ name, restartPolicy }) => [name, restartPolicy])).toEqual([
      ['a', 'Always'],
      ['b', 'Always'],
      ['c', 'Always'],
    ]);
  });

  it('are in such an order, and in the same whatever the order of the list, for any graph', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const graph = fc.array(fc.subarray(names), { minLength: 5, maxLength: 5 }).map((afters) =>
      names.map((name, at) =>
        helper(
          name,
          (afters[at] ?? []).filter((other) => other < name),
        ),
      ),
    );
    fc.assert(
      fc.property(graph, (helpers) => {
        const order = podOf(sidecar(withHelpers(helpers))).initContainers?.map(({ name }) => name) ?? [];
        expect([...order].sort()).toEqual(names);
        for (const { name, after } of helpers)
          for (const other of after) expect(order.indexOf(other)).toBeLessThan(order.indexOf(name));
      }),
      { numRuns: 30 },
    );
  });

  it("have the app's image, variables, resources and mounts, and none of its ports, hooks and probes", () => {
    const spec = withHelpers([helper('agent')]);
    const { initContainers, containers } = podOf(sidecar(spec, { lxcfs: true }));
    const [agent] = initContainers!;
    const [app] = containers;
    for (const field of ['image', 'env', 'resources', 'volumeMounts']) {
      expect(agent![field], field).toEqual(app![field]);
      expect(app![field], field).toBeDefined();
    }
    expect(Object.keys(agent!).sort()).toEqual(
      ['name', 'command', 'restartPolicy', 'image', 'env', 'resources', 'volumeMounts'].sort(),
    );
  });

  it('leave the app its own entrypoint and hooks, without waiting for what is no longer in it', () => {
    const spec = withHelpers([helper('agent', [], { ready: gate })], ['agent']);
    const [rich] = podOf(propsOf(spec)).containers;
    const [app] = podOf(sidecar(spec)).containers;
    expect(app?.['lifecycle']).toEqual(rich?.['lifecycle']);
    expect(scriptOf(rich)).toContain('_name_1=agent');
    expect(scriptOf(app)).not.toContain('agent');
    expect(scriptOf(app)).toContain('_name_1=app');
  });

  it('are awaited by the status of their own entrypoint, for longer than their gate waits', () => {
    const spec = withHelpers([helper('agent', [], { ready: gate })], ['agent']);
    const [agent] = podOf(sidecar(spec)).initContainers!;
    expect(scriptOf(agent)).toContain('its tcp gate on port 2280 did not pass within 7.5 s');
    expect(agent?.startupProbe).toEqual({
      exec: { command: ['/bin/sh', '/tmp/youzan/helpers/agent/status'] },
      periodSeconds: 1,
      timeoutSeconds: 5,
      failureThreshold: 8 + 15,
    });
  });

  it('are awaited only when they have a gate and something is after them', () => {
    const helpers = [helper('plain'), helper('alone', [], { ready: gate }), helper('first', [], { ready: gate })];
    const spec = withHelpers([...helpers, helper('second', ['first'])], ['plain']);
    const { initContainers } = podOf(sidecar(spec));
    expect(initContainers?.filter(({ startupProbe }) => startupProbe !== undefined).map(({ name }) => name)).toEqual([
      'first',
    ]);
  });

  it('share the state directory with the app', () => {
    const pod = podOf(sidecar(demoSpec, { environment: { YOUZAN_STATE_DIR: '/run/youzan' } }));
    const all = [...pod.initContainers!, ...pod.containers];
    for (const { volumeMounts } of all)
      expect(volumeMounts).toEqual([{ name: 'youzan-state', mountPath: '/run/youzan' }]);
    expect(pod.volumes).toEqual([{ name: 'youzan-state', emptyDir: {} }]);
    expect(pod.initContainers![0]?.startupProbe?.exec.command.at(-1)).toBe('/run/youzan/helpers/log-agent/status');
  });

  it('get time for the end of every container', () => {
    const spec = withHelpers([helper('a'), helper('b')]);
    const rich = podOf(propsOf(spec)).terminationGracePeriodSeconds;
    expect(podOf(sidecar(spec)).terminationGracePeriodSeconds).toBe(rich + 2 + 2);
  });

  it('are what the API takes', () => {
    expect(synthApp(sidecar(fullSpec, { lxcfs: true })).objects.flatMap(strictFindings)).toEqual([]);
  });

  it('are in a debug release too', () => {
    const { spec, image, version, cluster, idc, env, namespace } = propsOf(demoSpec);
    const { yaml } = synthApp({
      ...{ spec, image, version, cluster, idc, env, namespace },
      debug: true,
      placement: 'sidecar',
    });
    expect(yaml).toContain('initContainers:');
  });
});

describe('a placement', () => {
  it('is rich by default', () => {
    expect(synthApp({ ...propsOf(demoSpec), placement: 'rich' }).yaml).toBe(synthApp(propsOf(demoSpec)).yaml);
  });

  it('changes no byte of an app without helpers', () => {
    const spec = withHelpers([]);
    expect(synthApp(sidecar(spec, { kubernetesVersion: '1.25' })).yaml).toBe(
      synthApp({ ...propsOf(spec), kubernetesVersion: '1.25' }).yaml,
    );
  });

  it.each(['1.29', '1.34', undefined])('of sidecars is taken by Kubernetes %s', (kubernetesVersion) => {
    expect(() => synthApp(sidecar(demoSpec, { ...(kubernetesVersion && { kubernetesVersion }) }))).not.toThrow();
  });

  it.each<[string, Partial<YouzanAppProps>, string]>([
    [
      'of sidecars is refused by a cluster that is too old',
      { kubernetesVersion: '1.28' },
      'placement: sidecar needs Kubernetes 1.29, the cluster has 1.28; rich needs none',
    ],
    ['of another name is refused', { placement: 'pods' as 'rich' }, 'placement: "pods" is neither rich nor sidecar'],
    [
      'of sidecars is refused with a state directory that is no folder',
      { environment: { YOUZAN_STATE_DIR: '/tmp/$(POD_UID)' } },
      'environment.YOUZAN_STATE_DIR: "/tmp/$(POD_UID)" is no folder that the helpers\' containers can share',
    ],
  ])('%s', (_, more, message) => {
    expect(() => synthApp(sidecar(demoSpec, more))).toThrow(message);
  });
});
