import {
  app,
  type BadExamples,
  configMap,
  containers,
  deployment,
  good,
  init,
  job,
  labels,
  requests,
  service,
  template,
  withObjects,
} from '../bundle.js';

/** Of the rules in names.ts. */
export const namesExamples: BadExamples = {
  'object-name': [
    {
      what: 'a Service with a digit first',
      bundle: withObjects(service({}, { name: '1st' })),
      path: 'Service trade/1st metadata.name',
      message: '"1st" is no name of a Service',
    },
    {
      what: 'a namespace in capitals',
      bundle: [configMap(), { ...configMap(), metadata: { name: 'a', namespace: 'Trade' } }],
      path: 'ConfigMap Trade/a metadata.namespace',
      message: '"Trade" is no namespace',
    },
  ],
  'stateful-set-name': [
    {
      what: 'one of 53 characters',
      bundle: [
        { ...deployment(), kind: 'StatefulSet', metadata: { name: 'a'.repeat(53), namespace: 'trade' } },
        configMap(),
      ],
      path: `StatefulSet trade/${'a'.repeat(53)} metadata.name`,
      message: `"${'a'.repeat(53)}" has 53 characters`,
    },
  ],
  'duplicate-object': [
    {
      what: 'two ConfigMaps',
      bundle: [...good, configMap({ level: 'debug' })],
      path: 'ConfigMap trade/settings metadata.name',
      message: 'there is another ConfigMap settings',
    },
  ],
  label: [
    {
      what: 'a value that is no label',
      bundle: withObjects(deployment({ labels: { version: '1.0+7' } })),
      path: `${template}.metadata.labels.version`,
      message: '"1.0+7" is no label value',
    },
    {
      what: 'a number',
      bundle: withObjects(deployment({ metadata: { labels: { ...labels, version: 2 } } })),
      path: 'Deployment trade/trade-core metadata.labels.version',
      message: '2 is no label value',
    },
    {
      what: 'a key of two slashes',
      bundle: withObjects(deployment({ pod: { nodeSelector: { 'a/b/c': 'd' } } })),
      path: `${template}.spec.nodeSelector["a/b/c"]`,
      message: '"a/b/c" is no label key',
    },
  ],
  annotation: [
    {
      what: 'a number',
      bundle: withObjects(deployment({ annotations: { weight: 100 } })),
      path: `${template}.metadata.annotations.weight`,
      message: '100 is no text',
    },
    {
      what: 'a key with a blank',
      bundle: withObjects(deployment({ metadata: { annotations: { 'a b': 'c' } } })),
      path: 'Deployment trade/trade-core metadata.annotations["a b"]',
      message: '"a b" is no annotation key',
    },
    {
      what: 'more than fits',
      bundle: withObjects(deployment({ annotations: { text: 'a'.repeat(262_144) } })),
      path: `${template}.metadata.annotations`,
      message: 'has 262148 bytes; allowed are 262144',
    },
  ],
  'container-name': [
    {
      what: 'a name with _',
      bundle: withObjects(deployment(containers({ name: 'log_agent', resources: { requests } }))),
      path: `${template}.spec.containers[1].name`,
      message: '"log_agent" is no name of a container',
    },
    {
      what: 'the same name as an init container',
      bundle: withObjects(deployment(init({ name: 'app' }))),
      path: `${app}.name`,
      message: 'there is another container "app"',
    },
    {
      what: 'no container',
      bundle: withObjects(job({ containers: [] })),
      path: 'Job trade/migrate spec.template.spec.containers',
      message: 'has no container',
    },
  ],
};
