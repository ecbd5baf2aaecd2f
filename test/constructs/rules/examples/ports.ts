import {
  app,
  type BadExamples,
  containers,
  deployment,
  init,
  requests,
  service,
  template,
  withObjects,
} from '../bundle.js';

/** Of the rules in ports.ts. */
export const portsExamples: BadExamples = {
  'port-name': [
    {
      what: 'capitals',
      bundle: withObjects(service({ ports: [{ name: 'HTTP', port: 80, targetPort: 'http' }] })),
      path: 'Service trade/trade-core spec.ports[0].name',
      message: '"HTTP" is no name of a port',
    },
    {
      what: '16 characters in a container',
      bundle: withObjects(
        deployment(containers({ ports: [{ name: 'a234567890123456', containerPort: 1 }], resources: { requests } })),
      ),
      path: `${template}.spec.containers[1].ports[0].name`,
      message: '"a234567890123456" is no name of a port',
    },
    {
      what: 'two dashes',
      bundle: withObjects(
        deployment(containers({ ports: [{ name: 'a--b', containerPort: 1 }], resources: { requests } })),
      ),
      path: `${template}.spec.containers[1].ports[0].name`,
      message: '"a--b" is no name of a port',
    },
    {
      what: 'none beside another port',
      bundle: withObjects(
        service({
          ports: [
            { name: 'http', port: 80, targetPort: 'http' },
            { port: 81, targetPort: 'manage' },
          ],
        }),
      ),
      path: 'Service trade/trade-core spec.ports[1].name',
      message: 'has no name, beside another port',
    },
  ],
  'port-number': [
    {
      what: 'a port too high',
      bundle: withObjects(service({ ports: [{ name: 'http', port: 70_000, targetPort: 'http' }] })),
      path: 'Service trade/trade-core spec.ports[0].port',
      message: '70000 is no port',
    },
    {
      what: 'a text',
      bundle: withObjects(deployment(containers({ ports: [{ containerPort: '1' }], resources: { requests } }))),
      path: `${template}.spec.containers[1].ports[0].containerPort`,
      message: '"1" is no port',
    },
  ],
  'duplicate-port': [
    {
      what: 'one number in two containers',
      bundle: withObjects(deployment(containers({ ports: [{ containerPort: 8030 }], resources: { requests } }))),
      path: `${template}.spec.containers[1].ports[0].containerPort`,
      message: '8030/TCP is already another port',
    },
    {
      what: 'one name in a sidecar',
      bundle: withObjects(
        deployment(
          init({
            restartPolicy: 'Always',
            ports: [{ name: 'http', containerPort: 8030, protocol: 'UDP' }],
            resources: { requests },
          }),
        ),
      ),
      path: `${app}.ports[0].name`,
      message: 'there is another port "http"',
    },
    {
      what: 'one port of a Service twice',
      bundle: withObjects(service({ ports: ['a', 'b'].map((name) => ({ name, port: 80, targetPort: 'http' })) })),
      path: 'Service trade/trade-core spec.ports[1].port',
      message: '80/TCP is already another port',
    },
  ],
  'port-convention': [
    {
      what: 'another number',
      bundle: withObjects(
        deployment({
          container: { ports: [{ name: 'http', containerPort: 8080 }] },
        }),
      ),
      path: `${app}.ports[0].containerPort`,
      message: '8080 is http, which is 8030 by convention',
    },
    {
      what: 'a role that the kind has not',
      bundle: withObjects(
        deployment({
          container: {
            ports: [
              { name: 'http', containerPort: 8030 },
              { name: 'rpc', containerPort: 8100 },
            ],
          },
        }),
      ),
      options: { kind: 'static' },
      path: `${app}.ports[1].name`,
      message: 'a static app has no rpc; it has http',
    },
  ],
  'target-port': [
    {
      what: 'a name that no container has',
      bundle: withObjects(service({ ports: [{ name: 'http', port: 80, targetPort: 'htp' }] })),
      path: 'Service trade/trade-core spec.ports[0].targetPort',
      message: 'no container has a port "htp"; there are http, manage',
    },
  ],
  'probe-port': [
    {
      what: 'a name of another container',
      bundle: withObjects(
        deployment(containers({ livenessProbe: { tcpSocket: { port: 'http' } }, resources: { requests } })),
      ),
      path: `${template}.spec.containers[1].livenessProbe.tcpSocket.port`,
      message: 'the container has no port "http"; it has none',
    },
  ],
  'undeclared-port': [
    {
      what: 'a probe by a number that stands nowhere',
      bundle: withObjects(deployment({ container: { livenessProbe: { httpGet: { path: '/', port: 9000 } } } })),
      path: `${app}.livenessProbe.httpGet.port`,
      message: 'no container lists 9000; there are 8030, 8001',
    },
    {
      what: "a Service's port without a targetPort",
      bundle: withObjects(service({ ports: [{ port: 80 }] })),
      path: 'Service trade/trade-core spec.ports[0].port',
      message: 'no container lists 80; there are 8030, 8001',
    },
  ],
};
