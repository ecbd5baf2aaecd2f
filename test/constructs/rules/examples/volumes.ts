import { app, type BadExamples, deployment, template, withObjects } from '../bundle.js';

/** Of the rules in volumes.ts. */
export const volumesExamples: BadExamples = {
  'volume-mount': [
    {
      what: 'a volume that is not there',
      bundle: withObjects(
        deployment({
          container: {
            volumeMounts: [
              { name: 'data', mountPath: '/data' },
              { name: 'cache', mountPath: '/cache' },
            ],
          },
        }),
      ),
      path: `${app}.volumeMounts[1].name`,
      message: 'there is no volume "cache"; there are data',
    },
  ],
  'unused-volume': [
    {
      what: 'a volume without a mount',
      bundle: withObjects(deployment({ container: { volumeMounts: [] } })),
      path: `${template}.spec.volumes[0].name`,
      message: 'no container mounts "data"',
    },
  ],
  'duplicate-volume': [
    {
      what: 'two volumes of one name',
      bundle: withObjects(
        deployment({
          pod: {
            volumes: [
              { name: 'data', emptyDir: {} },
              { name: 'data', emptyDir: {} },
            ],
          },
        }),
      ),
      path: `${template}.spec.volumes[1].name`,
      message: 'there is another volume "data"',
    },
    {
      what: 'two mounts at one path',
      bundle: withObjects(
        deployment({
          container: { volumeMounts: ['a', 'b'].map((subPath) => ({ name: 'data', subPath, mountPath: '/data' })) },
        }),
      ),
      path: `${app}.volumeMounts[1].mountPath`,
      message: 'something is already mounted at "/data"',
    },
  ],
};
