import type { k8s } from 'cdk8s-plus-28';
import type { Finding } from '../../src/conventions/index.js';
import { isRegistryEndpoint, registryDefaults } from '../../src/hooks/index.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import type { PodConcern } from './pod-part.js';

/** The lifecycle hooks; a debug release has none. */
export const hooksPart: PodConcern = ({ runtime: { hooks } }) => {
  if (hooks === undefined) return undefined;
  const { postStart, preStop } = hooks;
  const script = (text: string): k8s.LifecycleHandler => ({ exec: { command: ['/bin/sh', '-c', text] } });
  return {
    main: {
      lifecycle: { ...(postStart === undefined ? {} : { postStart: script(postStart) }), preStop: script(preStop) },
    },
  };
};

/** What is wrong with the time for the end of a pod, and with where a registration goes. */
export function hookFindings({ spec, environment, maxTerminationSeconds }: YouzanAppProps): Finding[] {
  const most = maxTerminationSeconds ?? 1;
  const limit =
    Number.isInteger(most) && most >= 1
      ? []
      : [{ path: 'maxTerminationSeconds', message: `${most} is out of range: a whole number of seconds from 1` }];
  const { online } = spec.hooks;
  const steps = online === undefined || online === false ? [] : (online.after ?? []);
  const homeless = steps.some((step) => step.type === 'registry' && step.registry.endpoints === undefined);
  return [...limit, ...(homeless ? endpointFindings({ ...spec.env, ...environment }) : [])];
}

function endpointFindings(environment: Readonly<Record<string, string>>): Finding[] {
  const { endpointsVariable: name } = registryDefaults;
  const path = `environment.${name}`;
  const value = environment[name];
  if (value === undefined)
    return [{ path, message: "is missing: a registration names no endpoints, so they are this variable's" }];
  return value
    .split(/[ ,]+/)
    .filter((endpoint) => !isRegistryEndpoint(endpoint) && !endpoint.includes('$('))
    .map((endpoint) => ({ path, message: `"${endpoint}" is no address such as http://10.0.0.1:2379` }));
}
