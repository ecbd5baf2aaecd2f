import { type BadExamples, good } from '../bundle.js';

/** Of the rules in lost.ts. */
export const lostExamples: BadExamples = {
  'lost-field': [
    {
      what: 'what was written and is not there',
      bundle: good,
      options: { written: new Map([[good[1]!, { spec: { paused: true } }]]) },
      path: 'Deployment trade/trade-core spec.paused',
      message: 'true is lost',
    },
  ],
};
