import { app, type BadExamples, deployment, requests, scaler, template, withObjects } from '../bundle.js';

/** Of the rules in resources.ts. */
export const resourcesExamples: BadExamples = {
  quantity: [
    {
      what: 'a unit that is none',
      bundle: withObjects(deployment({ pod: { volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Gb' } }] } })),
      path: `${template}.spec.volumes[0].emptyDir.sizeLimit`,
      message: '"1Gb" is no quantity',
    },
    {
      what: 'less than nothing',
      bundle: withObjects(deployment({ container: { resources: { requests: { cpu: -1 } } } })),
      path: `${app}.resources.requests.cpu`,
      message: '-1 is no quantity',
    },
    {
      what: 'an average of an autoscaler',
      bundle: withObjects(scaler({ metrics: [{ type: 'Pods', pods: { target: { averageValue: 'many' } } }] })),
      path: 'HorizontalPodAutoscaler trade/trade-core spec.metrics[0].pods.target.averageValue',
      message: '"many" is no quantity',
    },
  ],
  'limit-below-request': [
    {
      what: 'half the request',
      bundle: withObjects(deployment({ container: { resources: { requests, limits: { cpu: '250m' } } } })),
      path: `${app}.resources.limits.cpu`,
      message: '"250m" is less than the request, "500m"',
    },
  ],
  'resource-name': [
    {
      what: 'a misspelt one',
      bundle: withObjects(deployment({ container: { resources: { requests: { ...requests, memroy: '1Gi' } } } })),
      path: `${app}.resources.requests.memroy`,
      message: '"memroy" is no resource',
    },
  ],
  'extended-resource': [
    {
      what: 'a request alone',
      bundle: withObjects(deployment({ container: { resources: { requests: { ...requests, 'nvidia.com/gpu': 1 } } } })),
      path: `${app}.resources.requests["nvidia.com/gpu"]`,
      message: 'has no limit',
    },
    {
      what: 'half a device',
      bundle: withObjects(deployment({ container: { resources: { requests, limits: { 'nvidia.com/gpu': '500m' } } } })),
      path: `${app}.resources.limits["nvidia.com/gpu"]`,
      message: '"500m" is no whole number',
    },
    {
      what: 'another request',
      bundle: withObjects(
        deployment({
          container: { resources: { requests: { ...requests, 'nvidia.com/gpu': 1 }, limits: { 'nvidia.com/gpu': 2 } } },
        }),
      ),
      path: `${app}.resources.requests["nvidia.com/gpu"]`,
      message: '1 is not the limit, 2',
    },
  ],
};
