import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { synthApp, type YouzanAppProps } from '../../constructs/index.js';
import { parseAppYaml, type AppSpec } from '../../src/app-yaml/index.js';
import { anyServing } from './arbitrary.js';
import { containerOf, deploymentOf, scriptsOf } from './objects.js';
import { demoSpec, propsOf } from './specs.js';

const registry = 'registry: {}, deadlineSeconds: 8';
const specOf = (steps: string, rest = ''): AppSpec =>
  parseAppYaml(
    `stack: s\nruntime: openjdk-8\nentrypoint: java -jar app.jar\nhooks: { online: { after: [${steps}] } }\n${rest}`,
    { file: 'trade-core/app.yaml' },
  );
const environment = { YOUZAN_REGISTRY: 'http://10.0.0.1:2379,http://10.0.0.2:2379' };
const registered: YouzanAppProps = { ...propsOf(specOf(`{ ${registry} }`)), environment };
const messageOf = (props: YouzanAppProps): string => {
  try {
    synthApp(props);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'taken';
};

describe('an app that registers', () => {
  it("has the agent in its container's entrypoint, whatever its other helpers are", () => {
    const { entrypoint } = scriptsOf(registered);
    expect(entrypoint).toMatch(/^_name_1=registry-agent /m);
    expect(entrypoint).toContain('nova:com.youzan.service/trade-core/');
    expect(scriptsOf(propsOf(demoSpec)).entrypoint).not.toContain('registry-agent');
  });

  it('registers its RPC port after online, and takes it back at offline', () => {
    const { entrypoint, postStart, preStop } = scriptsOf(registered);
    expect(entrypoint).toContain(':8100');
    expect(postStart).toMatch(/^_registry registry registry-agent 1 800 \|\| exit 1$/m);
    expect(preStop).toMatch(/^_registry registry registry-agent 3 800 \|\| _bad=1$/m);
  });

  it('keeps its agent beside it when its other helpers are sidecars', () => {
    const spec = specOf(`{ ${registry} }`, 'helpers: [{ name: log-agent, command: filebeat -e }]\n');
    const props: YouzanAppProps = { ...registered, spec, placement: 'sidecar' };
    const { initContainers = [] } = deploymentOf(props).spec.template.spec as {
      readonly initContainers?: readonly { readonly name: string }[];
    };
    expect(initContainers.map(({ name }) => name)).toEqual(['log-agent']);
    expect(scriptsOf(props).entrypoint).toMatch(/^_name_1=registry-agent /m);
  });

  it('registers nothing as a debug release', () => {
    const { spec, image, version, cluster, idc, env, namespace } = registered;
    const debug = synthApp({ spec, image, version, cluster, idc, env, namespace, environment, debug: true });
    expect(debug.yaml).not.toContain('registry-agent');
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'without endpoints',
      {},
      "environment.YOUZAN_REGISTRY: is missing: a registration names no endpoints, so they are this variable's",
    ],
    [
      'at an address that is none',
      { YOUZAN_REGISTRY: 'http://a:1,etcd:2379' },
      'environment.YOUZAN_REGISTRY: "etcd:2379" is no address such as http://10.0.0.1:2379',
    ],
  ])('is refused %s', (_, variables, finding) => {
    expect(messageOf({ ...registered, environment: variables })).toContain(finding);
  });

  it.each<[string, YouzanAppProps]>([
    ['app.yaml', { ...registered, environment: {}, spec: { ...registered.spec, env: environment } }],
    ['the step', propsOf(specOf(`{ registry: { endpoints: ['http://a:1'] }, deadlineSeconds: 1 }`))],
    ['a variable of the pod', { ...registered, environment: { YOUZAN_REGISTRY: 'http://$(NODE_NAME):2379' } }],
  ])('may have its endpoints from %s', (_, props) => {
    expect(messageOf(props)).toBe('taken');
  });

  it('has an entrypoint in which Kubernetes expands nothing', () => {
    // Kubernetes replaces $(NAME) of a name that the container has, and $$ by $.
    expect(containerOf(registered).command.join('\n')).not.toMatch(/\$\$|\$\([A-Z_]+\)/);
  });
});

describe('the time for the end of a pod', () => {
  it('has room for taking the registrations back, and for their agents', () => {
    const grace = (props: YouzanAppProps): number =>
      deploymentOf(props).spec.template.spec.terminationGracePeriodSeconds;
    // The step's 8 s and its last look; 5 s for the agent.
    expect(grace(registered) - grace(propsOf(specOf('')))).toBe(8 + 1 + 5);
  });

  it('is refused with the sum when it is longer than maxTerminationSeconds', () => {
    expect(messageOf({ ...registered, maxTerminationSeconds: 53 })).toContain(
      'bc-a/trade-core.spec (trade-core/app.yaml:1:1): the end of a pod does not fit into maxTerminationSeconds: ' +
        'offline 20 + drain 5 + stop 22 + helpers 5 + margin 2 = 54 s > 53 s; ',
    );
    expect(messageOf({ ...registered, maxTerminationSeconds: 54 })).toBe('taken');
  });

  it.each([0, 1.5, NaN])('has no limit of %s', (maxTerminationSeconds) => {
    expect(messageOf({ ...registered, maxTerminationSeconds })).toContain(
      `maxTerminationSeconds: ${maxTerminationSeconds} is out of range: a whole number of seconds from 1`,
    );
  });
});

describe('a rollout', () => {
  it('waits for a pod longer than its preload, its steps and the publication may take', () => {
    fc.assert(
      fc.property(anyServing(), fc.integer({ min: 1, max: 3000 }), (props, seconds) => {
        const preload = { deadlineSeconds: 10, after: [{ type: 'wait', name: 'wait', seconds }] } as const;
        const spec = { ...props.spec, hooks: { ...props.spec.hooks, preload } };
        const { minReadySeconds = 0, progressDeadlineSeconds } = deploymentOf({ ...props, spec }).spec;
        expect(progressDeadlineSeconds).toBeGreaterThan(10 + seconds + minReadySeconds);
      }),
      { numRuns: 20 },
    );
  });
});
