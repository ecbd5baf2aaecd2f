import { type BadExamples, deployment, template, withObjects } from '../bundle.js';

/** Of the rules in scheduling.ts. */
export const schedulingExamples: BadExamples = {
  'affinity-terms': [
    {
      what: 'two terms',
      bundle: withObjects(
        deployment({
          pod: {
            affinity: {
              nodeAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [] }, {}] },
              },
            },
          },
        }),
      ),
      path: `${template}.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`,
      message: 'any one of 2 terms is enough',
    },
  ],
};
