import {
  type BadExamples,
  budget,
  configMap,
  deployment,
  good,
  labels,
  metadata,
  scaler,
  service,
  withObjects,
} from '../bundle.js';

/** Of the rules in selectors.ts. */
export const selectorsExamples: BadExamples = {
  'selector-labels': [
    {
      what: 'another value',
      bundle: withObjects(deployment({ spec: { selector: { matchLabels: { 'youzan.com/app': 'trade' } } } })),
      path: 'Deployment trade/trade-core spec.selector',
      message: `does not match the labels of the pods, ${JSON.stringify(labels)}`,
    },
    {
      what: 'an expression that does not hold',
      bundle: withObjects(
        deployment({
          spec: {
            selector: { matchExpressions: [{ key: 'youzan.com/app', operator: 'In', values: ['trade'] }] },
          },
        }),
      ),
      path: 'Deployment trade/trade-core spec.selector',
      message: `does not match the labels of the pods, ${JSON.stringify(labels)}`,
    },
    {
      what: 'an empty one',
      bundle: [deployment({ spec: { selector: {} } }), configMap()],
      path: 'Deployment trade/trade-core spec.selector',
      message: 'selects nothing of its own',
    },
  ],
  'selector-overlap': [
    {
      what: 'pods that have all labels of another workload, and one more',
      bundle: [
        ...good,
        deployment({
          metadata: { name: 'trade-core-gray' },
          labels: { gray: 'true' },
          spec: { selector: { matchLabels: { gray: 'true' } } },
        }),
      ],
      path: 'Deployment trade/trade-core spec.selector',
      message: 'matches the pods of Deployment trade-core-gray too',
    },
  ],
  'selector-path': [
    {
      what: 'the label of cdk8s-plus',
      bundle: [
        deployment({
          labels: { 'cdk8s.io/metadata.addr': 'c8' },
          spec: { selector: { matchLabels: { 'cdk8s.io/metadata.addr': 'c8' } } },
        }),
        configMap(),
      ],
      path: 'Deployment trade/trade-core spec.selector.matchLabels["cdk8s.io/metadata.addr"]',
      message: 'is made of the path of a construct',
    },
  ],
  'service-selects': [
    {
      what: 'pods of another namespace',
      bundle: withObjects(service({}, { namespace: 'pay' })),
      path: 'Service pay/trade-core spec.selector',
      message: `${JSON.stringify(labels)} selects no pods of the bundle`,
    },
  ],
  'budget-selects': [
    {
      what: 'other pods',
      bundle: withObjects(budget({ selector: { matchLabels: { app: 'trade-core' } } })),
      path: 'PodDisruptionBudget trade/trade-core spec.selector',
      message: 'selects no pods of the bundle',
    },
  ],
  'scale-target': [
    {
      what: 'another kind',
      bundle: withObjects(scaler({ scaleTargetRef: { kind: 'StatefulSet', name: 'trade-core' } })),
      path: 'HorizontalPodAutoscaler trade/trade-core spec.scaleTargetRef',
      message: '{"kind":"StatefulSet","name":"trade-core"} is not in the bundle',
    },
    {
      what: 'a VerticalPodAutoscaler of another name',
      bundle: [
        ...good,
        {
          apiVersion: 'autoscaling.k8s.io/v1',
          kind: 'VerticalPodAutoscaler',
          metadata,
          spec: { targetRef: { kind: 'Deployment', name: 'trade' } },
        },
      ],
      path: 'VerticalPodAutoscaler trade/trade-core spec.targetRef',
      message: '{"kind":"Deployment","name":"trade"} is not in the bundle',
    },
  ],
};
