import { k8s } from 'cdk8s-plus-28';
import type { AppSpec } from '../../src/app-yaml/index.js';
import { runsToEnd } from '../app/workload-kind.js';
import { jsonOf } from '../pod/json.js';
import type { ObjectOf } from './app-objects.js';

/** What the endpoints, and so the gateway, come from: none for pods that take no traffic. */
export const serviceObject: ObjectOf = ({ props, workload, workloadKind }) => {
  const adopted = props.adopt?.service;
  const ports = servicePorts(props.spec, adopted?.ports);
  if (runsToEnd(workloadKind) || ports.length === 0) return undefined;
  return {
    id: 'service',
    apiVersion: 'v1',
    kind: 'Service',
    name: adopted?.name ?? workload.name,
    labels: workload.serviceLabels,
    body: { spec: jsonOf(k8s.toJson_ServiceSpec({ selector: workload.selector, ports })) },
  };
};

/** The app's ports by their roles; what their numbers are in a pod, the pod says. */
export function servicePorts(
  { ports }: Pick<AppSpec, 'ports'>,
  adopted: Readonly<Record<string, number>> = {},
): k8s.ServicePort[] {
  return Object.entries(ports).map(([role, port]) => ({
    name: role,
    port: adopted[role] ?? port,
    targetPort: k8s.IntOrString.fromString(role),
    protocol: 'TCP',
  }));
}
