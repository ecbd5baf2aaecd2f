import type { PodConcern } from './pod-part.js';
import { variablesOf } from './variables.js';

/** The rich container itself: image, entrypoint, ports, variables. */
export const containerPart: PodConcern = ({ props, conventions, runtime }) => ({
  main: {
    image: props.image,
    command: ['/bin/sh', '-c', runtime.entrypoint],
    ports: Object.entries(props.spec.ports).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
    env: variablesOf(props, conventions).map((variable) =>
      'value' in variable
        ? variable
        : { name: variable.name, valueFrom: { fieldRef: { fieldPath: variable.fieldPath } } },
    ),
  },
  pod: {
    // Variables for every Service of the namespace would reach the app, in numbers that grow with the namespace.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: runtime.terminationGraceSeconds,
  },
});
