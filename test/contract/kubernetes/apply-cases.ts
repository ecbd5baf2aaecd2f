import { describe, expect, it } from 'vitest';
import { at, configMap, deployment, expectFailure, fieldsOwnedBy, versionOf, type World } from './world.js';

export function applyCases(world: () => World): void {
  describe('server-side apply', () => {
    it('creates, then changes', async () => {
      const { api, core } = world();
      const path = core('configmaps', 'applied');
      const made = await api.apply(path, configMap('applied', { x: '1' }, { labels: { a: 'b' } }), 'one');
      expect(made.status).toBe(201);
      expect(at(made.body, 'metadata.managedFields')).toMatchObject([
        {
          manager: 'one',
          operation: 'Apply',
          apiVersion: 'v1',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:data': { 'f:x': {} }, 'f:metadata': { 'f:labels': { 'f:a': {} } } },
        },
      ]);
      const changed = await api.apply(path, configMap('applied', { x: '2' }), 'one');
      expect([changed.status, at(changed.body, 'data.x')]).toEqual([200, '2']);
      expect(at(changed.body, 'metadata.labels')).toBeUndefined();
    });

    it('reads YAML', async () => {
      const { api, core } = world();
      const yaml =
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-yaml\ndata:\n  text: |\n    two\n    lines\n';
      const { body } = await api.apply(core('configmaps', 'from-yaml'), yaml, 'one');
      expect(at(body, 'data.text')).toBe('two\nlines\n');
    });

    it('of the same again changes nothing', async () => {
      const { api, apps } = world();
      const path = apps('deployments', 'again');
      const first = await api.apply(path, deployment('again', { replicas: 0, paused: true }), 'one');
      const second = await api.apply(path, deployment('again', { replicas: 0, paused: true }), 'one');
      expect(at(second.body, 'metadata.generation')).toBe(1);
      expect(at(second.body, 'metadata.managedFields.0')).toEqual(at(first.body, 'metadata.managedFields.0'));
    });

    it('names the manager and the field of a conflict', async () => {
      const { api, core } = world();
      const path = core('configmaps', 'fought');
      await api.apply(path, configMap('fought', { x: '1', y: '1' }), 'one');
      expectFailure(await api.apply(path, configMap('fought', { x: '2' }), 'two'), 409, 'Conflict', {
        message: 'Apply failed with 1 conflict: conflict with "one": .data.x',
        details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.x' }] },
      });
      const many = await api.apply(path, configMap('fought', { x: '2', y: '2' }), 'two');
      expect(many.body['message']).toBe('Apply failed with 2 conflicts: conflicts with "one":\n- .data.x\n- .data.y');
    });

    it('by force takes the field over', async () => {
      const { api, core } = world();
      const path = core('configmaps', 'forced');
      await api.apply(path, configMap('forced', { x: '1', y: '1' }), 'one');
      const { body } = await api.apply(path, configMap('forced', { x: '2' }), 'two', { force: 'true' });
      expect(body['data']).toEqual({ x: '2', y: '1' });
      expect(fieldsOwnedBy(body, 'one')).toEqual({ 'f:data': { 'f:y': {} } });
      expect(fieldsOwnedBy(body, 'two')).toEqual({ 'f:data': { 'f:x': {} } });
      expectFailure(await api.apply(path, configMap('forced', { x: '1', y: '1' }), 'one'), 409, 'Conflict');
    });

    it('shares what two managers set alike and removes it with the last of them', async () => {
      const { api, core } = world();
      const path = core('configmaps', 'shared');
      await api.apply(path, configMap('shared', { x: '1' }), 'one');
      await api.apply(path, configMap('shared', { x: '1' }), 'two');
      const left = await api.apply(path, configMap('shared', {}), 'one');
      expect(at(left.body, 'data.x')).toBe('1');
      const { body } = await api.apply(path, configMap('shared', {}), 'two');
      expect(at(body, 'data.x')).toBeUndefined();
    });

    it('conflicts with what an update has changed', async () => {
      const { api, core } = world();
      const path = core('configmaps', 'updated');
      await api.apply(path, configMap('updated', { x: '1' }), 'one');
      await api.merge(path, { data: { x: '2' } }, { fieldManager: 'hand' });
      const answer = await api.apply(path, configMap('updated', { x: '1' }), 'one');
      expectFailure(answer, 409, 'Conflict', {
        message: 'Apply failed with 1 conflict: conflict with "hand" using v1: .data.x',
      });
    });

    it('resets replicas to 1 when their only manager stops sending them', async () => {
      const { api, apps } = world();
      const path = apps('deployments', 'reset');
      await api.apply(path, deployment('reset', { replicas: 3, paused: true }), 'one');
      const { body } = await api.apply(path, deployment('reset', { paused: true }), 'one');
      expect(at(body, 'spec.replicas')).toBe(1);
      await api.delete(path);
    });

    it('leaves replicas to another manager', async () => {
      const { api, apps } = world();
      const path = apps('deployments', 'handed-over');
      const name = { name: 'handed-over' };
      await api.apply(path, deployment('handed-over', { paused: true }), 'release');
      const scale = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: name, spec: { replicas: 2 } };
      const scaled = await api.apply(path, scale, 'scale');
      expect(fieldsOwnedBy(scaled.body, 'scale')).toEqual({ 'f:spec': { 'f:replicas': {} } });
      const { body } = await api.apply(
        path,
        deployment('handed-over', { paused: true }, { image: 'registry.example/app:2' }),
        'release',
      );
      expect(at(body, 'spec.replicas')).toBe(2);
      const answer = await api.apply(path, deployment('handed-over', { replicas: 5, paused: true }), 'release');
      expectFailure(answer, 409, 'Conflict', {
        message: 'Apply failed with 1 conflict: conflict with "scale": .spec.replicas',
      });
      await api.delete(path);
    });

    it('merges lists by their keys', async () => {
      const { api, apps } = world();
      const path = apps('deployments', 'keyed');
      const env = (...names: readonly string[]): object[] => names.map((name) => ({ name, value: name }));
      const ports = [
        { containerPort: 53, name: 'dns-tcp' },
        { containerPort: 53, name: 'dns-udp', protocol: 'UDP' },
      ];
      const spec = { replicas: 0, paused: true };
      const made = await api.apply(path, deployment('keyed', spec, { env: env('A', 'B'), ports }), 'one');
      expect(JSON.stringify(fieldsOwnedBy(made.body, 'one'))).toContain(
        'k:{\\"containerPort\\":53,\\"protocol\\":\\"UDP\\"}',
      );
      const partly = {
        ...deployment('keyed'),
        spec: { template: { spec: { containers: [{ name: 'app', env: env('C') }] } } },
      };
      const { body } = await api.apply(path, partly, 'two');
      const container = at(body, 'spec.template.spec.containers.0');
      expect(at(container, 'env')).toEqual(env('A', 'B', 'C'));
      expect(fieldsOwnedBy(body, 'two')).toEqual({
        'f:spec': {
          'f:template': {
            'f:spec': {
              'f:containers': {
                'k:{"name":"app"}': {
                  '.': {},
                  'f:env': { 'k:{"name":"C"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
                  'f:name': {},
                },
              },
            },
          },
        },
      });
      const without = await api.apply(path, deployment('keyed', spec, { env: env('B'), ports }), 'one');
      expect(at(without.body, 'spec.template.spec.containers.0.env')).toEqual(env('B', 'C'));
      const conflict = await api.apply(
        path,
        {
          ...partly,
          spec: { template: { spec: { containers: [{ name: 'app', env: [{ name: 'B', value: 'mine' }] }] } } },
        },
        'two',
      );
      expect(conflict.body['message']).toBe(
        'Apply failed with 1 conflict: conflict with "one": .spec.template.spec.containers[name="app"].env[name="B"].value',
      );
    });

    it('replaces lists without keys as one value', async () => {
      const { api, apps } = world();
      const path = apps('deployments', 'atomic');
      const spec = { replicas: 0, paused: true };
      await api.apply(path, deployment('atomic', spec, { args: ['a', 'b'] }), 'one');
      const { body } = await api.apply(path, deployment('atomic', spec, { args: ['c'] }), 'one');
      expect(at(body, 'spec.template.spec.containers.0.args')).toEqual(['c']);
      const answer = await api.apply(path, deployment('atomic', spec, { args: ['d'] }), 'two');
      expect(answer.body['message']).toBe(
        'Apply failed with 1 conflict: conflict with "one": .spec.template.spec.containers[name="app"].args',
      );
    });

    it('merges finalizers as a set', async () => {
      const { api, core } = world();
      const path = core('configmaps', 'finalized');
      const name = { name: 'finalized' };
      const held = (...finalizers: readonly string[]): object => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: finalizers.length === 0 ? name : { ...name, finalizers },
      });
      await api.apply(path, held('example.com/a'), 'one');
      const { body } = await api.apply(path, held('example.com/b'), 'two');
      expect(at(body, 'metadata.finalizers')).toEqual(['example.com/a', 'example.com/b']);
      const left = await api.apply(path, held(), 'one');
      expect(at(left.body, 'metadata.finalizers')).toEqual(['example.com/b']);
      await api.apply(path, held(), 'two');
    });

    it('of an empty map stores nothing and owns it, so that the next manager conflicts', async () => {
      const { api, core } = world();
      const path = core('configmaps', 'empty-map');
      const { body } = await api.apply(path, configMap('empty-map', {}), 'one');
      expect(body).not.toHaveProperty('data');
      expect(fieldsOwnedBy(body, 'one')).toEqual({ 'f:data': {} });
      expect((await api.apply(path, configMap('empty-map', {}), 'one')).status).toBe(200);
      expectFailure(await api.apply(path, configMap('empty-map', {}), 'two'), 409, 'Conflict', {
        message: 'Apply failed with 1 conflict: conflict with "one": .data',
      });
    });

    it('of an object that nobody owns keeps what was there from being taken', async () => {
      const { api, core } = world();
      const path = core('configmaps', 'unowned');
      await api.post(core('configmaps'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'unowned' } });
      const updated = await api.merge(path, { data: { x: '1' } });
      expect(at(updated.body, 'metadata.managedFields')).toBeUndefined();
      expectFailure(await api.apply(path, configMap('unowned', { x: '2' }), 'one'), 409, 'Conflict', {
        message: 'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.x',
      });
      const { body } = await api.apply(path, configMap('unowned', { y: '2' }), 'one');
      expect(fieldsOwnedBy(body, 'before-first-apply', 'Update')).toEqual({ 'f:data': { '.': {}, 'f:x': {} } });
    });

    it('of another UID is invalid', async () => {
      const { api, core } = world();
      await api.post(core('configmaps'), configMap('identified'));
      const other = configMap('identified', { x: '1' }, { uid: 'another' });
      const cause = {
        reason: 'FieldValueInvalid',
        message: 'Invalid value: "another": field is immutable',
        field: 'metadata.uid',
      };
      expectFailure(await api.apply(core('configmaps', 'identified'), other, 'one'), 422, 'Invalid', {
        message: 'ConfigMap "identified" is invalid: metadata.uid: Invalid value: "another": field is immutable',
        details: { name: 'identified', kind: 'ConfigMap', causes: [cause, cause] },
      });
    });

    it('of the status leaves the spec alone', async () => {
      const { api } = world();
      const name = `${world().namespace}-applied-node`;
      const node = { apiVersion: 'v1', kind: 'Node', metadata: { name } };
      await api.apply(`/api/v1/nodes/${name}`, { ...node, spec: { unschedulable: true } }, 'one');
      const condition = { type: 'Contract', status: 'True' };
      const { status, body } = await api.apply(
        `/api/v1/nodes/${name}/status`,
        { ...node, status: { conditions: [condition] } },
        'two',
      );
      expect(status).toBe(200);
      expect(at(body, 'spec.unschedulable')).toBe(true);
      expect(JSON.stringify(fieldsOwnedBy(body, 'two'))).toContain('k:{\\"type\\":\\"Contract\\"}');
      await api.delete(`/api/v1/nodes/${name}`);
    });

    it('as a dry run finds conflicts and changes nothing', async () => {
      const { api, core } = world();
      const path = core('configmaps', 'dry-applied');
      const { body } = await api.apply(path, configMap('dry-applied', { x: '1' }), 'one');
      const dry = await api.apply(path, configMap('dry-applied', { x: '2' }), 'one', { dryRun: 'All' });
      expect(at(dry.body, 'data.x')).toBe('2');
      const conflict = await api.apply(path, configMap('dry-applied', { x: '2' }), 'two', { dryRun: 'All' });
      expectFailure(conflict, 409, 'Conflict');
      expect(versionOf((await api.get(path)).body)).toBe(versionOf(body));
    });

    it('needs a manager and no managedFields', async () => {
      const { api, core } = world();
      const path = core('configmaps', 'nobody');
      const type = 'application/apply-patch+yaml';
      expectFailure(await api.request('PATCH', path, configMap('nobody'), { type }), 422, 'Invalid', {
        message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      });
      const owned = configMap('nobody', {}, { managedFields: [{ manager: 'x' }] });
      expectFailure(await api.apply(path, owned, 'one'), 400, 'BadRequest', {
        message: 'metadata.managedFields must be nil',
      });
    });
  });
}
