import { k8s } from 'cdk8s-plus-28';
import type { PodConcern } from './pod-part.js';

/** Readiness asks the switch, so that it is what online and offline say; without the switch, the port. */
export const probesPart: PodConcern = ({ props: { spec }, conventions, runtime }) => {
  if (runtime.hooks === undefined) return undefined;
  const { role, path } = conventions.hooks.switch;
  const port = k8s.IntOrString.fromString(role);
  const times = { periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 };
  return {
    main: {
      readinessProbe:
        spec.hooks.online === false ? { tcpSocket: { port }, ...times } : { httpGet: { path, port }, ...times },
    },
  };
};
