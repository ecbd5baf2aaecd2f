import { app, type BadExamples, deployment, init, template, withObjects } from '../bundle.js';

/** Of the rules in images.ts. */
export const imagesExamples: BadExamples = {
  'image-tag': [
    {
      what: "a registry's port alone",
      bundle: withObjects(deployment({ container: { image: 'registry.example:5000/trade-core' } })),
      path: `${app}.image`,
      message: '"registry.example:5000/trade-core" has no tag and no digest',
    },
    {
      what: 'no image',
      bundle: withObjects(deployment({ container: { image: undefined } })),
      path: `${app}.image`,
      message: 'nothing has no tag and no digest',
    },
  ],
  'image-latest': [
    {
      what: 'latest',
      bundle: withObjects(deployment(init({ image: 'a:latest' }))),
      path: `${template}.spec.initContainers[0].image`,
      message: '"a:latest" is another image tomorrow',
    },
  ],
};
