import { app, type BadExamples, deployment, init, requests, service, template, withObjects } from '../bundle.js';

/** Of the rules in versions.ts. */
export const versionsExamples: BadExamples = {
  'field-version': [
    {
      what: 'a native sidecar in 1.28',
      bundle: withObjects(deployment(init({ restartPolicy: 'Always', resources: { requests } }))),
      options: { kubernetesVersion: 'v1.28.15-eks.1' },
      path: `${template}.spec.initContainers[0].restartPolicy`,
      message: 'needs Kubernetes 1.29; the cluster has v1.28.15-eks.1',
    },
    {
      what: 'the handler sleep in 1.29',
      bundle: withObjects(deployment({ container: { lifecycle: { preStop: { sleep: { seconds: 1 } } } } })),
      options: { kubernetesVersion: '1.29' },
      path: `${app}.lifecycle.preStop.sleep`,
      message: 'needs Kubernetes 1.30; the cluster has 1.29',
    },
    {
      what: 'one value of a field that is older',
      bundle: withObjects(service({ trafficDistribution: 'PreferSameNode' })),
      options: { kubernetesVersion: '1.33' },
      path: 'Service trade/trade-core spec.trafficDistribution',
      message: 'needs Kubernetes 1.34; the cluster has 1.33',
    },
    {
      what: 'what no version has switched on',
      bundle: withObjects(deployment({ container: { lifecycle: { stopSignal: 'SIGQUIT' } } })),
      options: { kubernetesVersion: '1.35' },
      path: `${app}.lifecycle.stopSignal`,
      message: 'is switched off in every version up to 1.35',
    },
  ],
};
