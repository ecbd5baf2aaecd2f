import { k8s } from 'cdk8s-plus-28';
import type { PodConcern } from './pod-part.js';

/** Readiness asks the switch, so that it is what online and offline say; without the switch, the port, where there is one. */
export const probesPart: PodConcern = ({ props: { spec }, conventions, runtime }) => {
  const { role, path } = conventions.hooks.switch;
  if (runtime.hooks === undefined || !Object.hasOwn(spec.ports, role)) return undefined;
  const port = k8s.IntOrString.fromString(role);
  const times = { periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 };
  return {
    main: {
      readinessProbe:
        spec.hooks.online === false ? { tcpSocket: { port }, ...times } : { httpGet: { path, port }, ...times },
    },
  };
};
