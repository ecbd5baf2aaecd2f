import { k8s } from 'cdk8s-plus-28';
import { runsToEnd } from '../app/workload-kind.js';
import { jsonOf } from '../pod/json.js';
import type { ObjectOf } from './app-objects.js';

/** What the endpoints, and so the gateway, come from: none for pods that take no traffic. */
export const serviceObject: ObjectOf = ({ props, workload, workloadKind }) => {
  const adopted = props.adopt?.service;
  const ports = Object.entries(props.spec.ports).map(([role, port]) => ({
    name: role,
    port: adopted?.ports[role] ?? port,
    targetPort: k8s.IntOrString.fromString(role),
    protocol: 'TCP',
  }));
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
