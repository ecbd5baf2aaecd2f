import { k8s } from 'cdk8s-plus-28';
import type { ResourceSettings } from '../src/app-yaml/index.js';
import type { Conventions } from '../src/conventions/index.js';
import { mainName, type AppRuntime } from './runtime.js';
import { variablesOf } from './variables.js';
import type { YouzanAppProps } from './youzan-app-props.js';

/** The pod of a workload: one rich container. */
export function podSpecOf(props: YouzanAppProps, conventions: Conventions, runtime: AppRuntime): k8s.PodSpec {
  const { spec } = props;
  const { hooks } = runtime;
  const resources = resourcesOf(props.resources ?? spec.resources);
  return {
    containers: [
      {
        name: mainName,
        image: props.image,
        command: ['/bin/sh', '-c', runtime.entrypoint],
        ports: Object.entries(spec.ports).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
        env: variablesOf(props, conventions).map((variable) =>
          'value' in variable
            ? variable
            : { name: variable.name, valueFrom: { fieldRef: { fieldPath: variable.fieldPath } } },
        ),
        ...(resources === undefined ? {} : { resources }),
        ...(hooks === undefined ? {} : { lifecycle: lifecycleOf(hooks) }),
        ...(hooks === undefined ? {} : { readinessProbe: readinessOf(props, conventions) }),
      },
    ],
    // Variables for every Service of the namespace would reach the app, in numbers that grow with the namespace.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: runtime.terminationGraceSeconds,
  };
}

function lifecycleOf({ postStart, preStop }: NonNullable<AppRuntime['hooks']>): k8s.Lifecycle {
  const script = (text: string): k8s.LifecycleHandler => ({ exec: { command: ['/bin/sh', '-c', text] } });
  return { ...(postStart === undefined ? {} : { postStart: script(postStart) }), preStop: script(preStop) };
}

/** Asks the switch, so that readiness is what online and offline say; without the switch, the port. */
function readinessOf({ spec }: YouzanAppProps, { hooks }: Conventions): k8s.Probe {
  const port = k8s.IntOrString.fromString(hooks.switch.role);
  const times = { periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 };
  return spec.hooks.online === false
    ? { tcpSocket: { port }, ...times }
    : { httpGet: { path: hooks.switch.path, port }, ...times };
}

function resourcesOf({ requests, limits }: ResourceSettings): k8s.ResourceRequirements | undefined {
  const amounts = (from: ResourceSettings['requests']): Record<string, k8s.Quantity> | undefined => {
    const entries = Object.entries(from ?? {}).map(([name, text]) => [name, k8s.Quantity.fromString(text)] as const);
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  };
  const parts = { requests: amounts(requests), limits: amounts(limits) };
  return parts.requests === undefined && parts.limits === undefined ? undefined : parts;
}
