import { app, type BadExamples, deployment, withObjects } from '../bundle.js';

/** Of the rules in variables.ts. */
export const variablesExamples: BadExamples = {
  'env-name': [
    {
      what: 'a digit first',
      bundle: withObjects(deployment({ container: { env: [{ name: '1ST', value: '' }] } })),
      path: `${app}.env[0].name`,
      message: '"1ST" is no name of a variable',
    },
    {
      what: 'a number as a value',
      bundle: withObjects(deployment({ container: { env: [{ name: 'PORT', value: 80 }] } })),
      path: `${app}.env[0].value`,
      message: '80 is no text',
    },
    {
      what: 'a value and a source',
      bundle: withObjects(
        deployment({
          container: { env: [{ name: 'IP', value: '1', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] },
        }),
      ),
      path: `${app}.env[0].valueFrom`,
      message: 'stands beside a value',
    },
  ],
  'duplicate-env': [
    {
      what: 'a variable twice',
      bundle: withObjects(
        deployment({
          container: {
            env: [
              { name: 'A', value: '1' },
              { name: 'A', value: '2' },
            ],
          },
        }),
      ),
      path: `${app}.env[1].name`,
      message: '"A" stands twice',
    },
  ],
};
