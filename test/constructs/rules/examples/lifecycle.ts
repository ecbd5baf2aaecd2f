import { app, type BadExamples, configMap, deployment, init, job, template, withObjects } from '../bundle.js';

/** Of the rules in lifecycle.ts. */
export const lifecycleExamples: BadExamples = {
  'stop-grace': [
    {
      what: 'the handler sleep',
      bundle: withObjects(
        deployment({
          pod: { terminationGracePeriodSeconds: 20 },
          container: { lifecycle: { preStop: { sleep: { seconds: 20 } } } },
        }),
      ),
      path: `${app}.lifecycle.preStop`,
      message: 'takes 20 s of the 20 s after which the pod is killed',
    },
    {
      what: 'a script that begins with one, and the default grace',
      bundle: withObjects(
        deployment({
          container: { lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', 'sleep 40; nginx -s quit'] } } } },
        }),
      ),
      path: `${app}.lifecycle.preStop`,
      message: 'takes 40 s of the 30 s after which the pod is killed',
    },
    {
      what: 'the command sleep',
      bundle: withObjects(
        deployment({ container: { lifecycle: { preStop: { exec: { command: ['sleep', '31'] } } } } }),
      ),
      path: `${app}.lifecycle.preStop`,
      message: 'takes 31 s of the 30 s after which the pod is killed',
    },
  ],
  'probe-form': [
    {
      what: 'two ways',
      bundle: withObjects(
        deployment({ container: { livenessProbe: { tcpSocket: { port: 'http' }, exec: { command: ['true'] } } } }),
      ),
      path: `${app}.livenessProbe`,
      message: 'asks by exec and tcpSocket',
    },
    {
      what: 'no way',
      bundle: withObjects(deployment({ container: { startupProbe: { periodSeconds: 1 } } })),
      path: `${app}.startupProbe`,
      message: 'asks by nothing',
    },
    {
      what: 'two successes to be alive',
      bundle: withObjects(
        deployment({ container: { livenessProbe: { tcpSocket: { port: 'http' }, successThreshold: 2 } } }),
      ),
      path: `${app}.livenessProbe.successThreshold`,
      message: '2 successes',
    },
  ],
  'init-container': [
    {
      what: 'a startup probe, as cdk8s-plus adds it',
      bundle: withObjects(
        deployment(init({ ports: [{ containerPort: 1 }], startupProbe: { tcpSocket: { port: 1 } } })),
      ),
      path: `${template}.spec.initContainers[0].startupProbe`,
      message: 'stands at a container that ends before the pod starts',
    },
  ],
  'restart-policy': [
    {
      what: 'a Deployment that ends',
      bundle: withObjects(deployment({ pod: { restartPolicy: 'OnFailure' } })),
      path: `${template}.spec.restartPolicy`,
      message: 'OnFailure in a Deployment',
    },
    {
      what: 'a Job without one',
      bundle: withObjects(job({ restartPolicy: undefined })),
      path: 'Job trade/migrate spec.template.spec.restartPolicy',
      message: 'Always in a Job',
    },
  ],
  'debug-release': [
    {
      what: 'a probe',
      bundle: [
        deployment({ labels: { 'youzan.com/debug': 'true' }, container: { lifecycle: undefined } }),
        configMap(),
      ],
      path: `${app}.readinessProbe`,
      message: 'stands in a debug release',
    },
    {
      what: 'a Service that selects it',
      bundle: withObjects(
        deployment({
          labels: { 'youzan.com/debug': 'true' },
          container: { lifecycle: undefined, readinessProbe: undefined },
        }),
      ),
      path: 'Service trade/trade-core spec.selector',
      message: 'selects the pods of a debug release',
    },
  ],
};
