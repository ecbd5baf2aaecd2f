import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertNoFieldLost, lostFields } from '../../../constructs/rules/lost-fields.js';
import { composePod } from '../../../constructs/pod/pod-part.js';
import { synthApp } from '../../../constructs/index.js';
import { demoSpec, propsOf } from '../specs.js';

const { k8s } = kplus;
/** As it comes from JavaScript, or through a cast. */
const untyped = (value: object): never => value as never;

describe('a field that the serializers of cdk8s-plus-28 drop', () => {
  it.each<[string, object, object, string]>([
    [
      'newer than them',
      { lifecycle: { preStop: { sleep: { seconds: 5 } } } },
      { name: 'app', lifecycle: { preStop: { sleep: { seconds: 5 } } } },
      'lifecycle.preStop.sleep: {"seconds":5} is lost',
    ],
    [
      'a numeric port of a probe',
      { readinessProbe: { httpGet: { port: 8030 } } },
      {},
      'readinessProbe.httpGet.port: 8030 is lost',
    ],
    [
      'an extended resource as a text',
      { resources: { limits: { 'nvidia.com/gpu': '1' } } },
      {},
      'resources.limits["nvidia.com/gpu"]: "1" is lost',
    ],
    ['misspelt', { readinesProbe: { tcpSocket: {} } }, {}, 'readinesProbe: {"tcpSocket":{}} is lost'],
    [
      'in a list',
      { ports: [{ containerPort: 1 }, { containerPort: 2, hostname: 'a' }] },
      {},
      'ports[1].hostname: "a" is lost',
    ],
  ])('%s is found with its path', (_, container, more, finding) => {
    const input = { name: 'app', ...container, ...more };
    const found = lostFields(input, k8s.toJson_Container(untyped(input)));
    expect(found.map(({ path, message }) => `${path}: ${message}`)).toEqual([finding]);
  });

  it('is found in what a patch added to an object of cdk8s-plus', () => {
    const deployment = new kplus.Deployment(new Chart(new App(), 'bc-a'), 'app', { containers: [{ image: 'a:1' }] });
    const lifecycle = { preStop: { sleep: { seconds: 5 } } };
    const object = ApiObject.of(deployment);
    object.addJsonPatch(JsonPatch.add('/spec/template/spec/containers/0/lifecycle', lifecycle));
    const input = { spec: { template: { spec: { containers: [{ lifecycle }] } } } };
    expect(lostFields(input, object.toJson())).toEqual([
      {
        path: 'spec.template.spec.containers[0].lifecycle.preStop.sleep',
        message: '{"seconds":5} is lost',
      },
    ]);
  });

  it('is an error with all of them, and with the way out', () => {
    const input = { name: 'app', imagePullPolicies: 'Always', workdir: '/a' };
    expect(() => assertNoFieldLost(input, k8s.toJson_Container(input), 'containers[0]')).toThrow(
      expect.objectContaining({
        code: 'FIELD_LOST',
        message: [
          'containers[0] lacks what was given: 2 findings',
          '  containers[0].imagePullPolicies: "Always" is lost',
          '  containers[0].workdir: "/a" is lost',
        ].join('\n'),
        hint: expect.stringContaining('spelling') as unknown,
      }),
    );
  });

  it('is an error of a pod that is made of parts', () => {
    const make = () => composePod([{ main: untyped({ image: 'a:1', livenessProbe: { tcpSocket: { port: 80 } } }) }]);
    expect(make).toThrow('spec.containers[0].livenessProbe.tcpSocket.port: 80 is lost');
  });
});

describe("a field of an app's own", () => {
  it('is not lost from the behaviour of its autoscaler', () => {
    const behavior = untyped({
      scaleUp: { tolerance: '0.05', policies: [{ type: 'Pods', value: 4, periodSeconds: 60 }] },
    });
    const props = { ...propsOf(demoSpec), scaling: { min: 2, max: 8, custom: [], cpu: 60, behavior } };
    const withRequests = { ...props, resources: { requests: { cpu: '1' } } };
    expect(() => synthApp(withRequests)).toThrow('scaling.behavior.scaleUp.tolerance: "0.05" is lost');
  });
});

describe('what is not lost', () => {
  it.each<[string, object, unknown]>([
    ['a quantity', { cpu: k8s.Quantity.fromString('500m') }, { cpu: '500m' }],
    ['a port by number', { port: k8s.IntOrString.fromNumber(80) }, { port: 80 }],
    ['a union that cdk8s has resolved', { port: { value: 'http' } }, { port: 'http' }],
    ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['a field of another case', { clusterIp: 'None' }, { clusterIP: 'None' }],
    ['what is undefined', { a: undefined, b: [undefined] }, { b: [] }],
    ['a null, which says that there is no field', { a: null }, {}],
    ['an empty map', { emptyDir: {} }, { emptyDir: {} }],
    ['a label named value', { value: 'a' }, { value: 'a' }],
  ])('%s', (_, input, output) => {
    expect(lostFields(input, output)).toEqual([]);
  });

  it.each<[string, object, unknown, string]>([
    ['another number', { a: 1 }, { a: 2 }, '1 has become 2'],
    ['a number as a text', { a: 1 }, { a: '1' }, '1 has become "1"'],
    ['an empty map', { a: {} }, {}, '{} is lost'],
    ['an item', { a: [1] }, { a: [] }, '1 is lost'],
    ['a list that became a map', { a: [] }, { a: {} }, '[] has become {}'],
  ])('%s is not taken for it', (_, input, output, message) => {
    expect(lostFields(input, output).map((finding) => finding.message)).toEqual([message]);
  });

  it('is everything, when any JSON is copied; and any one leaf is missed when it is taken away', () => {
    const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1 });
    fc.assert(
      fc.property(json, (input) => {
        expect(lostFields(input, structuredClone(input))).toEqual([]);
        for (const key of Object.keys(input)) {
          const { [key]: gone, ...rest } = input;
          const other = Object.keys(rest).some((name) => name.toLowerCase() === key.toLowerCase());
          if (!other) expect(lostFields(input, rest)).toHaveLength(gone === null ? 0 : 1);
        }
      }),
    );
  });
});
