import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Adoption,
  adoptWorkload,
  type AdoptOptions,
  type ManifestObject,
  synthApp,
} from '../../../constructs/index.js';
import { leavesOf } from '../../../constructs/adopt/leaves.js';
import { parseAppYaml } from '../../../src/app-yaml/index.js';
import { isYouzanKubeError, youzanConventions } from '../../../src/conventions/index.js';
import { deploymentOf, serviceOf } from './deployments.js';

const place: AdoptOptions = { cluster: 'bc-a', idc: 'bc', env: 'prod' };
const adopt = (deployment: ManifestObject, service?: ManifestObject, more: Partial<AdoptOptions> = {}): Adoption =>
  adoptWorkload(deployment, service, { ...place, ...more });
const objectOf = ({ bundle }: Adoption, kind: string): ManifestObject | undefined =>
  bundle.objects.find((object) => object.kind === kind);
/** What becomes of a field of the Deployment's pods. */
const fateOf = ({ fields }: Adoption, field: string): unknown[] =>
  fields
    .filter((one) => one.field === field || one.field === `spec.template.spec.${field}`)
    .map(({ change, becomes, why }) => [change, ...(becomes === undefined ? [] : [becomes]), why]);
const main = 'containers[(main)]';

describe('a Deployment that is taken over', () => {
  it('keeps its name and its immutable selector, and its pods have the labels that it selects by', () => {
    const adoption = adopt(deploymentOf(), serviceOf());
    expect(objectOf(adoption, 'Deployment')).toMatchObject({
      metadata: { name: 'shop-web', namespace: 'shop' },
      spec: {
        selector: { matchLabels: { app: 'shop' } },
        template: { metadata: { labels: { app: 'shop', 'youzan.com/app': 'shop-web' } } },
      },
    });
  });

  it('keeps the Service that callers know, with its ports, before the same pods', () => {
    expect(objectOf(adopt(deploymentOf(), serviceOf()), 'Service')).toMatchObject({
      metadata: { name: 'shop', namespace: 'shop' },
      spec: {
        selector: { app: 'shop' },
        ports: expect.arrayContaining([{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }]) as unknown,
      },
    });
  });

  it('is described by an app.yaml from which the same manifests are made', () => {
    const { appYaml, props, bundle } = adopt(deploymentOf(), serviceOf());
    expect(appYaml).toBe(
      [
        'name: shop-web',
        'kind: node',
        `stack: ${youzanConventions.kinds['node']!.stack}`,
        `runtime: ${youzanConventions.kinds['node']!.runtime}`,
        'entrypoint:',
        '  - node',
        '  - server.js',
        'ports:',
        '  http: 8080',
        'env:',
        '  LEVEL: info',
        'resources:',
        '  requests:',
        '    cpu: 100m',
        '    memory: 128Mi',
        '  limits:',
        '    memory: 256Mi',
        'hooks:',
        '  preload: false',
        '  online: false',
        '  offline: false',
        'replicas: 3',
        '',
      ].join('\n'),
    );
    const spec = parseAppYaml(appYaml, { file: 'app.yaml' });
    expect(spec).toEqual(props.spec);
    expect(synthApp({ ...props, spec }).yaml).toBe(bundle.yaml);
  });

  it('has the rollout, the replicas and the pod of the platform, and says what was there', () => {
    const adoption = adopt(deploymentOf(), serviceOf());
    expect(fateOf(adoption, 'spec.replicas')).toEqual([
      ['dropped', 'no bundle has replicas: stays as it is in the cluster, and app.yaml has it for a new one'],
    ]);
    expect(fateOf(adoption, 'spec.strategy.rollingUpdate.maxUnavailable')).toEqual([
      ['changed', 0, 'a release is gated by the gateway: its rollout is always the same'],
    ]);
    expect(fateOf(adoption, `${main}.image`)).toEqual([['kept', undefined]]);
    expect(fateOf(adoption, `${main}.name`)).toEqual([
      ['changed', 'app', 'a port is named after its role, and the container "app"'],
    ]);
    expect(fateOf(adoption, 'dnsPolicy')).toEqual([['kept', undefined]]);
  });
});

describe('of a pod', () => {
  it.each<[string, object, string, string]>([
    [
      'a sidecar',
      {
        pod: {
          containers: [
            { name: 'shop-web', image: 'r.example/shop:1.0.0', command: ['node', 'a.js'] },
            { name: 'envoy', image: 'envoyproxy/envoy:v1.30.0' },
          ],
        },
      },
      'containers[envoy].image',
      "a rich container runs everything in one image: put it in the app's image and write it as a helper",
    ],
    [
      'an init container',
      {
        pod: { initContainers: [{ name: 'migrate', image: 'r.example/shop:1.0.0', command: ['node', 'migrate.js'] }] },
      },
      'initContainers[migrate].image',
      'do it in the image, or in a helper that is ready when it is done and after which the app starts',
    ],
    [
      'variables from a ConfigMap',
      { container: { envFrom: [{ configMapRef: { name: 'shop-config' } }] } },
      `${main}.envFrom[0].configMapRef.name`,
      'app.yaml has values only: write the values, or let the app read its configuration itself',
    ],
    [
      'a variable from a Secret',
      { container: { env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }] } },
      `${main}.env[PASSWORD].valueFrom.secretKeyRef.key`,
      'app.yaml has values only: write the values, or let the app read its configuration itself',
    ],
    [
      'a volume',
      { pod: { volumes: [{ name: 'tmp', emptyDir: {} }] } },
      'volumes[tmp].emptyDir',
      'YouzanApp has no volumes: put files into the image, or use YouzanStatefulApp for data',
    ],
    [
      'a node selector',
      { pod: { nodeSelector: { disk: 'ssd' } } },
      'nodeSelector.disk',
      'say it by the prop `scheduling`',
    ],
    [
      'a port without a role',
      { container: { ports: [{ containerPort: 8080 }, { containerPort: 9999 }] } },
      `${main}.ports[9999].containerPort`,
      'a port is named after its role, and the container "app"',
    ],
    [
      'a field that nobody thought of',
      { pod: { setHostnameAsFQDN: true } },
      'setHostnameAsFQDN',
      'YouzanApp has no such field: decide whether the app needs it',
    ],
  ])('%s is dropped, with what to do', (_, former, field, why) => {
    expect(fateOf(adopt(deploymentOf(former)), field)).toEqual([['dropped', why]]);
  });

  it('the probes that ask a port of the app become its own', () => {
    const probe = {
      httpGet: { path: '/ping', port: 'web', scheme: 'HTTP' },
      periodSeconds: 5,
      initialDelaySeconds: 20,
    };
    const adoption = adopt(
      deploymentOf({ container: { readinessProbe: probe, livenessProbe: { exec: { command: ['true'] } } } }),
    );
    expect(adoption.props.spec.probes).toEqual({ readiness: { port: 'http', path: '/ping', periodSeconds: 5 } });
    expect(fateOf(adoption, `${main}.readinessProbe.httpGet.path`)).toEqual([['kept', undefined]]);
    expect(fateOf(adoption, `${main}.readinessProbe.initialDelaySeconds`)).toHaveLength(1);
    expect(fateOf(adoption, `${main}.livenessProbe.exec.command[0]`)).toEqual([
      ['dropped', 'app.yaml has probes and hooks of its own form'],
    ]);
  });

  it('a sleep before the stop becomes the drain time', () => {
    const preStop = { exec: { command: ['/bin/sh', '-c', 'sleep 15'] } };
    expect(adopt(deploymentOf({ container: { lifecycle: { preStop } } })).props.spec.hooks.drainSeconds).toBe(15);
  });

  it.each<[string, object, string]>([
    [
      'by its name',
      {
        ports: [
          { name: 'metrics', containerPort: 8080 },
          { name: 'http', containerPort: 9000 },
        ],
      },
      'http 9000, metrics 8080',
    ],
    [
      'by its number',
      { ports: [{ containerPort: 8100 }, { containerPort: 8001 }, { containerPort: 80 }] },
      'http 80, manage 8001, rpc 8100',
    ],
    ['by the Service that leads to it', { ports: [{ containerPort: 9000 }, { containerPort: 8080 }] }, 'http 8080'],
  ])('a port has its role %s', (_, container, expected) => {
    const { appYaml } = adopt(deploymentOf({ container }), serviceOf());
    const { ports } = parseAppYaml(appYaml.replace(/^kind: .*$/m, 'kind: generic'), { file: 'app.yaml' });
    const own = Object.entries(ports).filter(([role]) => appYaml.includes(`  ${role}: `));
    expect(
      own
        .map((entry) => entry.join(' '))
        .sort()
        .join(', '),
    ).toBe(expected);
  });
});

describe('what no app can take over', () => {
  it.each<[string, ManifestObject, ManifestObject | undefined, string]>([
    [
      'another kind',
      { ...deploymentOf(), kind: 'StatefulSet' },
      undefined,
      'kind: is apps/v1 StatefulSet; allowed is apps/v1 Deployment',
    ],
    [
      'a selector of expressions',
      deploymentOf({ spec: { selector: { matchLabels: { app: 'shop' }, matchExpressions: [] } } }),
      undefined,
      'spec.selector.matchExpressions: is not supported, and Kubernetes never changes it: make a new Deployment beside this one',
    ],
    [
      'a container that starts what its image says',
      deploymentOf({ container: { command: undefined } }),
      undefined,
      'spec.template.spec.containers[web].command: is missing: it starts what its image says; give these words as the entrypoint',
    ],
    [
      'no container',
      deploymentOf({ pod: { containers: [] } }),
      undefined,
      'spec.template.spec.containers: has no container',
    ],
    [
      "another's Service",
      deploymentOf(),
      serviceOf({ selector: { app: 'pay' } }),
      "Service.spec.selector: does not select the Deployment's pods",
    ],
  ])('is %s', (_, deployment, service, finding) => {
    expect.assertions(1);
    try {
      adopt(deployment, service);
    } catch (error) {
      if (!isYouzanKubeError(error)) throw error;
      expect(error.findings.map(({ path, message }) => `${path}: ${message}`)).toEqual([finding]);
    }
  });

  it('takes the words of the image when they are given', () => {
    const deployment = deploymentOf({ container: { command: undefined } });
    expect(adopt(deployment, undefined, { entrypoint: ['node', 'index.js'] }).props.spec.entrypoint).toEqual([
      'node',
      'index.js',
    ]);
  });
});

describe('any Deployment', () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const anything = fc.oneof(
    word,
    fc.integer(),
    fc.boolean(),
    fc.array(word, { maxLength: 2 }),
    fc.dictionary(word, word, { maxKeys: 2, noNullPrototype: true }),
  );
  const fields = fc.dictionary(word, anything, { maxKeys: 4, noNullPrototype: true });
  const containers = fc
    .uniqueArray(word, { minLength: 1, maxLength: 3 })
    .map((names) => names.map((name) => ({ name, image: `r.example/${name}:1.0.0`, command: ['run'] })));

  it('has every field among what is kept, changed or dropped, once', () => {
    fc.assert(
      fc.property(fields, fields, fields, containers, (container, pod, spec, others) => {
        const deployment = deploymentOf({ container, pod: { ...pod, containers: others }, spec });
        const { fields: told, appYaml, props } = adopt(deployment);
        expect(parseAppYaml(appYaml, { file: 'app.yaml' })).toEqual(props.spec);
        const places = told.map(({ field, was }) => ({ path: field, value: was }));
        const given = leavesOf(deployment, others[0]!.name);
        expect(places).toEqual(given);
        expect(new Set(places.map(({ path }) => path)).size).toBe(given.length);
        expect(told.filter(({ change, why }) => change !== 'kept' && why === undefined)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('has as many places as it has values', () => {
    const values = (value: unknown): number =>
      typeof value === 'object' && value !== null && Object.keys(value).length > 0
        ? Object.values(value).reduce<number>((sum, inner) => sum + values(inner), 0)
        : 1;
    fc.assert(
      fc.property(fc.dictionary(word, anything, { minKeys: 1, noNullPrototype: true }), (value) => {
        expect(leavesOf(value, 'app')).toHaveLength(values(value));
      }),
    );
  });
});
