import { type BadExamples, budget, containers, deployment, scaler, withObjects } from '../bundle.js';

/** Of the rules in scaling.ts. */
export const scalingExamples: BadExamples = {
  'hpa-requests': [
    {
      what: 'a container without a request',
      bundle: withObjects(deployment(containers({}))),
      path: 'HorizontalPodAutoscaler trade/trade-core spec.metrics[0].resource',
      message: 'container "helper" requests no cpu',
    },
    {
      what: 'the default metric, and no request',
      bundle: withObjects(
        deployment({ container: { resources: { requests: { memory: '1Gi' } } } }),
        scaler({ metrics: [] }),
      ),
      path: 'HorizontalPodAutoscaler trade/trade-core spec.metrics',
      message: 'container "app" requests no cpu',
    },
  ],
  'hpa-replicas': [
    {
      what: 'replicas beside the autoscaler',
      bundle: withObjects(deployment({ spec: { replicas: 3 } })),
      path: 'Deployment trade/trade-core spec.replicas',
      message: '3 beside the autoscaler trade-core',
    },
  ],
  'hpa-bounds': [
    {
      what: 'a maximum under the minimum',
      bundle: withObjects(scaler({ maxReplicas: 1 })),
      path: 'HorizontalPodAutoscaler trade/trade-core spec.maxReplicas',
      message: '1 with a minimum of 2',
    },
  ],
  'budget-form': [
    {
      what: 'both',
      bundle: withObjects(budget({ minAvailable: 1 })),
      path: 'PodDisruptionBudget trade/trade-core spec',
      message: 'has both',
    },
    {
      what: 'neither',
      bundle: withObjects(budget({ maxUnavailable: undefined })),
      path: 'PodDisruptionBudget trade/trade-core spec',
      message: 'has neither',
    },
  ],
};
