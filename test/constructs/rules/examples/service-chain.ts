import { type BadExamples, deployment, job, namespace, template, withObjects } from '../bundle.js';

/** Of the rules in service-chain.ts. */
export const serviceChainExamples: BadExamples = {
  'project-namespace': [
    {
      what: 'pods of a chain in a namespace without',
      bundle: [...withObjects(deployment({ labels: { 'youzan.com/sc': 'f1' } })), namespace()],
      path: `${template}.metadata.labels`,
      message: 'has the service chain f1; namespace trade has no service chain',
    },
    {
      what: 'pods without a chain in the namespace of one',
      bundle: [job(), namespace('f1')],
      path: 'Job trade/migrate spec.template.metadata.labels',
      message: 'has no service chain; namespace trade has the service chain f1',
    },
  ],
  'service-chain-place': [
    {
      what: 'the namespace of the standard environment',
      bundle: withObjects(deployment({ labels: { 'youzan.com/sc': 'rad' } })),
      path: 'Deployment trade/trade-core metadata.namespace',
      message: '"trade" is not that of rad',
    },
  ],
};
