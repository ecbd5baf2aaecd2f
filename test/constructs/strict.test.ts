import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { synthApp } from '../../constructs/index.js';
import { anyProps } from './arbitrary.js';
import { fullSpec, propsOf } from './specs.js';
import { origin, strictFindings } from './strict.js';

type Data = Readonly<Record<string, unknown>>;
const deployment = (container: Data = {}, spec: Data = {}, pod: Data = {}): Data => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a' },
  spec: { selector: {}, template: { spec: { containers: [{ name: 'app', ...container }], ...pod } }, ...spec },
});
const service = (spec: Data): Data => ({ apiVersion: 'v1', kind: 'Service', spec });
const pod = 'spec.template.spec';
const container = `${pod}.containers[0]`;

describe('the strict check', () => {
  it("has the API's own schemas", () => {
    expect(origin).toMatch(/^k8s\.io\/kubernetes v1\.34\.\d+, /);
  });

  it.each<[string, Data]>([
    ['ports', deployment({ ports: [{ containerPort: 8030 }] })],
    ['a numeric quantity', deployment({ resources: { limits: { cpu: 2 } } })],
    ['a port by name', deployment({ readinessProbe: { tcpSocket: { port: 'http' } } })],
    ['a port by number', deployment({ readinessProbe: { tcpSocket: { port: 8030 } } })],
    ['labels of any key', deployment({}, { selector: { matchLabels: { 'a.b/c': 'd' } } })],
    ['a field of 1.34', deployment({}, {}, { hostnameOverride: 'a' })],
    [
      'a kind of another group',
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: {}, rules: [{ verbs: ['get'] }] },
    ],
    ['a time', { ...deployment(), metadata: { name: 'a', creationTimestamp: '2026-01-02T03:04:05Z' } }],
  ])('takes %s', (_, object) => {
    expect(strictFindings(object)).toEqual([]);
  });

  it.each<[string, Data, string]>([
    ['a misspelt field', deployment({ readinesProbe: {} }), `${container}.readinesProbe: unknown field`],
    ['a field of the top', { ...deployment(), sepc: {} }, 'sepc: unknown field'],
    ['a field of 1.35', deployment({}, {}, { workloadRef: { name: 'a' } }), `${pod}.workloadRef: unknown field`],
    [
      'a port as text',
      deployment({ ports: [{ containerPort: '8030' }] }),
      `${container}.ports[0].containerPort: string where int32 is wanted`,
    ],
    ['a fraction', deployment({}, { minReadySeconds: 1.5 }), 'spec.minReadySeconds: 1.5 where int32 is wanted'],
    [
      'a number that is too large',
      deployment({}, { minReadySeconds: 2 ** 31 }),
      'spec.minReadySeconds: 2147483648 where int32 is wanted',
    ],
    [
      'a value that is no text',
      deployment({ env: [{ name: 'A', value: 1 }] }),
      `${container}.env[0].value: 1 where string is wanted`,
    ],
    [
      'a label that is no text',
      service({ selector: { version: 1 } }),
      'spec.selector.version: 1 where string is wanted',
    ],
    [
      'a truth as text',
      deployment({}, {}, { enableServiceLinks: 'false' }),
      `${pod}.enableServiceLinks: string where boolean is wanted`,
    ],
    [
      'a quantity that is a truth',
      deployment({ resources: { limits: { cpu: true } } }),
      `${container}.resources.limits.cpu: boolean where string or number is wanted`,
    ],
    [
      'a port that is a list',
      deployment({ readinessProbe: { tcpSocket: { port: [1] } } }),
      `${container}.readinessProbe.tcpSocket.port: array where integer or string is wanted`,
    ],
    ['a missing field', deployment({ env: [{ value: '1' }] }), `${container}.env[0].name: is missing`],
    ['a missing template', { ...deployment(), spec: { selector: {} } }, 'spec.template: is missing'],
    ['a missing port', service({ ports: [{ name: 'http' }] }), 'spec.ports[0].port: is missing'],
    ['a null', deployment({ lifecycle: null }), `${container}.lifecycle: null where object is wanted`],
    ['a map for a list', deployment({}, {}, { containers: {} }), `${pod}.containers: object where array is wanted`],
    ['a list for a map', deployment({ lifecycle: [] }), `${container}.lifecycle: array where object is wanted`],
    [
      'a time that is none',
      { ...deployment(), metadata: { creationTimestamp: 'today' } },
      'metadata.creationTimestamp: string where date-time is wanted',
    ],
    ['another kind', { apiVersion: 'v1', kind: 'Node' }, 'v1 Node is not among the schemas'],
    [
      'another version',
      { apiVersion: 'apps/v1beta1', kind: 'Deployment' },
      'apps/v1beta1 Deployment is not among the schemas',
    ],
  ])('refuses %s', (_, object, finding) => {
    expect(strictFindings(object)).toEqual([finding]);
  });

  it('finds everything at once', () => {
    expect(strictFindings(deployment({ x: 1, ports: [{}] }, { y: 1 }))).toHaveLength(3);
  });
});

describe('the manifests are what the API of Kubernetes 1.34 takes', () => {
  const folder = new URL('golden/', import.meta.url);
  it.each(readdirSync(folder))('%s', (name) => {
    const documents = parseAllDocuments(readFileSync(new URL(name, folder), 'utf8'), { version: '1.1' });
    expect(documents.length).toBeGreaterThan(0);
    expect(documents.flatMap((one) => strictFindings(one.toJS()))).toEqual([]);
  });

  it('whatever the props', () => {
    fc.assert(
      fc.property(anyProps(), (props) => {
        expect(synthApp(props).objects.flatMap(strictFindings)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('with resources of their own', () => {
    const { objects } = synthApp({ ...propsOf(fullSpec), resources: { requests: { cpu: '1' }, limits: { cpu: '1' } } });
    expect(objects.flatMap(strictFindings)).toEqual([]);
  });
});
