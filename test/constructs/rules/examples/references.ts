import { app, type BadExamples, configMap, deployment, template, withObjects } from '../bundle.js';

/** Of the rules in references.ts. */
export const referencesExamples: BadExamples = {
  'missing-key': [
    {
      what: 'a key of a ConfigMap',
      bundle: withObjects(configMap({ lvel: 'info' })),
      path: `${app}.env[1].valueFrom.configMapKeyRef.key`,
      message: 'ConfigMap settings has no key "level"; it has lvel',
    },
    {
      what: 'an item of a volume of a Secret',
      bundle: [
        ...withObjects(
          deployment({
            pod: {
              volumes: [
                { name: 'data', secret: { secretName: 'certificate', items: [{ key: 'tls.key', path: 'k' }] } },
              ],
            },
          }),
        ),
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'certificate', namespace: 'trade' },
          stringData: { 'tls.crt': '' },
        },
      ],
      path: `${template}.spec.volumes[0].secret.items[0].key`,
      message: 'Secret certificate has no key "tls.key"; it has tls.crt',
    },
  ],
  'missing-config-map': [
    {
      what: 'variables from one that is not there',
      bundle: withObjects(deployment({ container: { envFrom: [{ configMapRef: { name: 'settngs' } }] } })),
      path: `${app}.envFrom[0].configMapRef`,
      message: 'ConfigMap settngs is not in the bundle',
    },
    {
      what: 'a projected volume',
      bundle: withObjects(
        deployment({
          pod: { volumes: [{ name: 'data', projected: { sources: [{ configMap: { name: 'other' } }] } }] },
        }),
      ),
      path: `${template}.spec.volumes[0].projected.sources[0].configMap`,
      message: 'ConfigMap other is not in the bundle',
    },
  ],
};
