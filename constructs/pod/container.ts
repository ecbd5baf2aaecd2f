import type { PodConcern } from './pod-part.js';
import { variablesOf } from './variables.js';

/** The rich container itself: image, entrypoint, ports, variables. */
export const containerPart: PodConcern = (context) => ({
  main: {
    image: context.props.image,
    command: ['/bin/sh', '-c', context.runtime.entrypoint],
    ports: Object.entries(context.props.spec.ports).map(([name, containerPort]) => ({
      name,
      containerPort,
      protocol: 'TCP',
    })),
    env: variablesOf(context).map((variable) =>
      'value' in variable
        ? variable
        : { name: variable.name, valueFrom: { fieldRef: { fieldPath: variable.fieldPath } } },
    ),
  },
  pod: {
    // Variables for every Service of the namespace would reach the app, in numbers that grow with the namespace.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: context.runtime.terminationGraceSeconds,
  },
});
