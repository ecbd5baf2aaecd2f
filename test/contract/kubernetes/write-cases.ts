import { describe, expect, it } from 'vitest';
import {
  at,
  boundPod,
  configMap,
  deployment,
  expectFailure,
  fieldsOwnedBy,
  unconditional,
  versionOf,
  type World,
} from './world.js';

export function writeCases(world: () => World): void {
  describe('creating', () => {
    it('gives an object its identity and its writer the fields', async () => {
      const { api, core, namespace } = world();
      const { status, body } = await api.post(core('configmaps'), configMap('made', { x: '1' }), {
        fieldManager: 'maker',
      });
      expect(status).toBe(201);
      expect(body['metadata']).toMatchObject({
        name: 'made',
        namespace,
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
        resourceVersion: expect.stringMatching(/^\d+$/) as unknown,
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
        managedFields: [{ manager: 'maker', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1' }],
      });
      expect(fieldsOwnedBy(body, 'maker', 'Update')).toEqual({ 'f:data': { '.': {}, 'f:x': {} } });
    });

    it('makes up a name', async () => {
      const { api, core } = world();
      const { body } = await api.post(core('configmaps'), {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { generateName: 'made-up-' },
      });
      expect(at(body, 'metadata.name')).toMatch(/^made-up-[a-z0-9]{5}$/);
    });

    it('refuses what exists', async () => {
      const { api, core } = world();
      await api.post(core('configmaps'), configMap('twice'));
      expectFailure(await api.post(core('configmaps'), configMap('twice')), 409, 'AlreadyExists', {
        message: 'configmaps "twice" already exists',
        details: { name: 'twice', kind: 'configmaps' },
      });
    });

    it('needs the namespace', async () => {
      const { api } = world();
      const answer = await api.post('/api/v1/namespaces/no-such-namespace/configmaps', configMap('lost'));
      expectFailure(answer, 404, 'NotFound', { message: 'namespaces "no-such-namespace" not found' });
    });

    it('says every finding of a bad object', async () => {
      const { api, core, apps } = world();
      expectFailure(await api.post(core('configmaps'), configMap('Not_A_Name')), 422, 'Invalid', {
        details: expect.objectContaining({
          name: 'Not_A_Name',
          kind: 'ConfigMap',
          causes: [expect.objectContaining({ reason: 'FieldValueInvalid', field: 'metadata.name' })],
        }) as unknown,
      });
      expectFailure(
        await api.post(core('configmaps'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }),
        422,
        'Invalid',
      );
      const bad = deployment('bad', { selector: { matchLabels: { app: 'other' } } });
      expectFailure(await api.post(apps('deployments'), bad), 422, 'Invalid', {
        details: expect.objectContaining({
          group: 'apps',
          kind: 'Deployment',
          causes: expect.arrayContaining([
            expect.objectContaining({ field: 'spec.template.metadata.labels' }),
          ]) as unknown,
        }) as unknown,
      });
    });

    it('refuses another kind, another namespace and unknown fields', async () => {
      const { api, core } = world();
      const elsewhere = configMap('elsewhere', {}, { namespace: 'default' });
      expectFailure(await api.post(core('configmaps'), elsewhere), 400, 'BadRequest');
      expectFailure(await api.post(core('configmaps'), deployment('no')), 400, 'BadRequest');
      const strange = { ...configMap('strange'), nope: 1 };
      expectFailure(await api.post(core('configmaps'), strange, { fieldValidation: 'Strict' }), 400, 'BadRequest', {
        message: expect.stringContaining('strict decoding error: unknown field "nope"') as unknown,
      });
    });

    it('as a dry run changes nothing', async () => {
      const { api, core } = world();
      const answer = await api.post(core('configmaps'), configMap('dry'), { dryRun: 'All' });
      expect(answer.status).toBe(201);
      expect(at(answer.body, 'metadata.uid')).toBeTypeOf('string');
      expect((await api.get(core('configmaps', 'dry'))).status).toBe(404);
    });

    it('fills in a Deployment, a Service and a Secret', async () => {
      const { api, core, apps } = world();
      const made = await api.post(apps('deployments'), deployment('filled', { replicas: 0 }));
      expect(made.body['spec']).toMatchObject({
        replicas: 0,
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 10,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
        template: {
          spec: {
            restartPolicy: 'Always',
            dnsPolicy: 'ClusterFirst',
            terminationGracePeriodSeconds: 30,
            containers: [
              { imagePullPolicy: 'IfNotPresent', terminationMessagePath: '/dev/termination-log', resources: {} },
            ],
          },
        },
      });
      const service = await api.post(core('services'), {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'filled' },
        spec: { selector: { app: 'filled' }, ports: [{ name: 'http', port: 80 }] },
      });
      expect(service.body['spec']).toMatchObject({
        type: 'ClusterIP',
        clusterIP: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/) as unknown,
        sessionAffinity: 'None',
        ports: [{ name: 'http', port: 80, targetPort: 80, protocol: 'TCP' }],
      });
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'filled' }, stringData: { a: 'b' } };
      const { body } = await api.post(core('secrets'), secret);
      expect(body).toMatchObject({ type: 'Opaque', data: { a: 'Yg==' } });
      expect(body).not.toHaveProperty('stringData');
    });

    it('leaves out empty lists, maps and zeros', async () => {
      const { api, apps, core } = world();
      const container = {
        env: [{ name: 'EMPTY', value: '' }],
        args: [],
        volumeMounts: [{ name: 'scratch', mountPath: '/scratch', readOnly: false, subPath: '' }],
        ports: [{ containerPort: 80, hostPort: 0 }],
        readinessProbe: { httpGet: { port: 80 }, initialDelaySeconds: 0, timeoutSeconds: 0 },
        resources: { limits: {}, requests: {} },
        securityContext: {},
        stdin: false,
      };
      const sent = deployment('sparse', { replicas: 0, paused: false, minReadySeconds: 0 }, container);
      const spec = sent['spec'] as { template: { metadata: object; spec: object } };
      Object.assign(spec.template.metadata, { annotations: {} });
      Object.assign(spec.template.spec, {
        volumes: [{ name: 'scratch', emptyDir: { medium: '' } }],
        nodeSelector: {},
        tolerations: [],
        hostNetwork: false,
        automountServiceAccountToken: false,
      });
      const made = await api.post(apps('deployments'), sent);
      expect(made.body['spec']).toEqual({
        replicas: 0,
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 10,
        selector: { matchLabels: { app: 'sparse' } },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
        template: {
          metadata: { labels: { app: 'sparse' } },
          spec: {
            automountServiceAccountToken: false,
            containers: [
              {
                name: 'app',
                image: 'registry.example/app:1',
                imagePullPolicy: 'IfNotPresent',
                env: [{ name: 'EMPTY' }],
                volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
                ports: [{ containerPort: 80, protocol: 'TCP' }],
                readinessProbe: {
                  httpGet: { port: 80, path: '/', scheme: 'HTTP' },
                  timeoutSeconds: 1,
                  periodSeconds: 10,
                  successThreshold: 1,
                  failureThreshold: 3,
                },
                resources: {},
                securityContext: {},
                terminationMessagePath: '/dev/termination-log',
                terminationMessagePolicy: 'File',
              },
            ],
            dnsPolicy: 'ClusterFirst',
            restartPolicy: 'Always',
            schedulerName: 'default-scheduler',
            securityContext: {},
            terminationGracePeriodSeconds: 30,
            volumes: [{ name: 'scratch', emptyDir: {} }],
          },
        },
      });
      const { body } = await api.post(core('configmaps'), configMap('sparse', {}, { labels: {}, finalizers: [] }));
      expect(Object.keys(body).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
      expect(Object.keys(body['metadata'] as object).sort()).toEqual([
        'creationTimestamp',
        'name',
        'namespace',
        'resourceVersion',
        'uid',
      ]);
    });

    it('owns what was sent and defaulted, not what the server gives', async () => {
      const { api, core } = world();
      const service = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'owned' },
        spec: { selector: { app: 'owned' }, ports: [{ name: 'http', port: 80 }] },
      };
      const { body } = await api.post(core('services'), service, { fieldManager: 'maker' });
      expect(fieldsOwnedBy(body, 'maker', 'Update')).toEqual({
        'f:spec': {
          'f:internalTrafficPolicy': {},
          'f:ports': {
            '.': {},
            'k:{"port":80,"protocol":"TCP"}': {
              '.': {},
              'f:name': {},
              'f:port': {},
              'f:protocol': {},
              'f:targetPort': {},
            },
          },
          'f:selector': {},
          'f:sessionAffinity': {},
          'f:type': {},
        },
      });
      const pod = await api.post(core('pods'), boundPod('owned'), { fieldManager: 'maker' });
      expect(fieldsOwnedBy(pod.body, 'maker', 'Update')).not.toHaveProperty('f:status');
      await api.delete(core('pods', 'owned'), undefined, { gracePeriodSeconds: '0' });
    });

    it('writes an EndpointSlice without endpoints as the controllers see it', async () => {
      const { api, namespace } = world();
      const slice = {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'empty' },
        addressType: 'IPv4',
        endpoints: [],
      };
      const { body } = await api.post(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, slice);
      expect(body).toMatchObject({ endpoints: null, ports: null, metadata: { generation: 1 } });
    });
  });

  describe('replacing', () => {
    it('refuses an object that has changed since', async () => {
      const { api, core } = world();
      const { body } = await api.post(core('configmaps'), configMap('stale', { x: '1' }));
      await api.put(core('configmaps', 'stale'), configMap('stale', { x: '2' }));
      expectFailure(await api.put(core('configmaps', 'stale'), { ...body, data: { x: '3' } }), 409, 'Conflict', {
        message:
          'Operation cannot be fulfilled on configmaps "stale": the object has been modified; please apply your changes to the latest version and try again',
        details: { name: 'stale', kind: 'configmaps' },
      });
      expect(at((await api.get(core('configmaps', 'stale'))).body, 'data.x')).toBe('2');
    });

    it('refuses another object of the same name', async () => {
      const { api, core } = world();
      const { body } = await api.post(core('configmaps'), configMap('same-name'));
      const other = { ...body, metadata: { name: 'same-name', uid: '00000000-0000-0000-0000-000000000000' } };
      expectFailure(await api.put(core('configmaps', 'same-name'), other), 409, 'Conflict', {
        message: expect.stringContaining(
          `Precondition failed: UID in precondition: 00000000-0000-0000-0000-000000000000, UID in object meta: ${String(at(body, 'metadata.uid'))}`,
        ) as unknown,
      });
    });

    it('changes nothing when nothing differs', async () => {
      const { api, core } = world();
      const { body } = await api.post(core('configmaps'), configMap('still', { x: '1' }));
      expect(versionOf((await api.put(core('configmaps', 'still'), body)).body)).toBe(versionOf(body));
    });

    it('needs the object and its name', async () => {
      const { api, core } = world();
      expectFailure(await api.put(core('configmaps', 'absent'), configMap('absent')), 404, 'NotFound');
      expectFailure(await api.put(core('configmaps', 'absent'), configMap('other')), 400, 'BadRequest');
    });

    it('of a Lease needs the resourceVersion', async () => {
      const { api, namespace } = world();
      const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'leader' },
        spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:05.678901Z' },
      };
      const { body } = await api.post(path, lease);
      expect(at(body, 'spec.renewTime')).toBe('2026-01-02T03:04:05.678901Z');
      expectFailure(await api.put(`${path}/leader`, lease), 422, 'Invalid');
      const next = { ...body, spec: { ...lease.spec, holderIdentity: 'b' } };
      expect((await api.put(`${path}/leader`, next)).status).toBe(200);
      expectFailure(await api.put(`${path}/leader`, next), 409, 'Conflict');
    });

    it('does not move a selector', async () => {
      const { api, apps } = world();
      const { body } = await api.post(apps('deployments'), deployment('fixed', { replicas: 0 }));
      const moved = deployment('moved', { replicas: 0 });
      const next = { ...unconditional(body), spec: { ...(body['spec'] as object), ...(moved['spec'] as object) } };
      expectFailure(await api.put(apps('deployments', 'fixed'), next), 422, 'Invalid', {
        message: expect.stringContaining('field is immutable') as unknown,
      });
    });
  });

  describe('merge patches', () => {
    it('change, add and remove fields', async () => {
      const { api, core } = world();
      await api.post(core('configmaps'), configMap('merged', { keep: '1', change: '1', drop: '1' }));
      const patch = { data: { change: '2', drop: null, add: '3' } };
      const { status, body } = await api.merge(core('configmaps', 'merged'), patch, { fieldManager: 'patcher' });
      expect([status, body['data']]).toEqual([200, { keep: '1', change: '2', add: '3' }]);
      expect(fieldsOwnedBy(body, 'patcher', 'Update')).toEqual({ 'f:data': { 'f:add': {}, 'f:change': {} } });
    });

    it('respect a resourceVersion and need the object', async () => {
      const { api, core } = world();
      const { body } = await api.post(core('configmaps'), configMap('merged-once'));
      await api.merge(core('configmaps', 'merged-once'), { data: { a: '1' } });
      const late = { metadata: { resourceVersion: versionOf(body) }, data: { a: '2' } };
      expectFailure(await api.merge(core('configmaps', 'merged-once'), late), 409, 'Conflict');
      expectFailure(await api.merge(core('configmaps', 'absent'), { data: {} }), 404, 'NotFound');
    });

    it('of an unknown type are refused', async () => {
      const { api, core } = world();
      await api.post(core('configmaps'), configMap('strange-patch'));
      const answer = await api.request('PATCH', core('configmaps', 'strange-patch'), {}, { type: 'text/plain' });
      expectFailure(answer, 415, 'UnsupportedMediaType');
    });
  });
}
