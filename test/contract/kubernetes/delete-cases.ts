import { describe, expect, it } from 'vitest';
import { at, boundPod, configMap, expectFailure, versionOf, type World } from './world.js';

export function deleteCases(world: () => World): void {
  describe('deleting', () => {
    it('answers with what it deleted', async () => {
      const { api, core } = world();
      const { body } = await api.post(core('configmaps'), configMap('gone'));
      const answer = await api.delete(core('configmaps', 'gone'));
      expect([answer.status, answer.body]).toEqual([
        200,
        {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Success',
          details: { name: 'gone', kind: 'configmaps', uid: at(body, 'metadata.uid') },
        },
      ]);
      expectFailure(await api.delete(core('configmaps', 'gone')), 404, 'NotFound');
    });

    it('keeps its preconditions', async () => {
      const { api, core } = world();
      const { body } = await api.post(core('configmaps'), configMap('only-this'));
      const path = core('configmaps', 'only-this');
      const options = (preconditions: object): object => ({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions });
      const uid = String(at(body, 'metadata.uid'));
      const version = versionOf(body);
      expectFailure(await api.delete(path, options({ uid: 'another' })), 409, 'Conflict', {
        message: `Operation cannot be fulfilled on ConfigMap "only-this": the UID in the precondition (another) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
        details: { name: 'only-this', kind: 'ConfigMap' },
      });
      expectFailure(await api.delete(path, options({ resourceVersion: '1' })), 409, 'Conflict', {
        message: `Operation cannot be fulfilled on ConfigMap "only-this": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${version}). The object might have been modified`,
      });
      expect((await api.delete(path, options({ uid, resourceVersion: version }))).status).toBe(200);
    });

    it('as a dry run keeps the object', async () => {
      const { api, core } = world();
      await api.post(core('configmaps'), configMap('kept'));
      expect((await api.delete(core('configmaps', 'kept'), undefined, { dryRun: 'All' })).status).toBe(200);
      expect((await api.get(core('configmaps', 'kept'))).status).toBe(200);
    });

    it('waits for finalizers', async () => {
      const { api, core } = world();
      const path = core('configmaps', 'held');
      await api.post(core('configmaps'), configMap('held', {}, { finalizers: ['example.com/hold'] }));
      const answer = await api.delete(path);
      expect(answer.body).toMatchObject({
        kind: 'ConfigMap',
        metadata: { deletionTimestamp: expect.any(String) as unknown, deletionGracePeriodSeconds: 0 },
      });
      expect((await api.get(path)).status).toBe(200);
      expect((await api.merge(path, { metadata: { finalizers: null } })).status).toBe(200);
      expect((await api.get(path)).status).toBe(404);
    });

    it('of a pod on a node waits for the kubelet, which ends it with a grace of 0', async () => {
      const { api, core } = world();
      const path = core('pods', 'on-a-node');
      expect((await api.post(core('pods'), boundPod('on-a-node'))).status).toBe(201);
      const first = await api.delete(path);
      expect(first.body).toMatchObject({ kind: 'Pod', metadata: { deletionGracePeriodSeconds: 30 } });
      const until = Date.parse(String(at(first.body, 'metadata.deletionTimestamp')));
      expect(Math.abs(until - Date.now() - 30_000)).toBeLessThan(10_000);
      const shorter = await api.delete(path, undefined, { gracePeriodSeconds: '5' });
      expect(at(shorter.body, 'metadata.deletionGracePeriodSeconds')).toBe(5);
      const longer = await api.delete(path, undefined, { gracePeriodSeconds: '20' });
      expect(at(longer.body, 'metadata.deletionGracePeriodSeconds')).toBe(5);
      expect((await api.get(path)).status).toBe(200);
      expect((await api.delete(path, undefined, { gracePeriodSeconds: '0' })).status).toBe(200);
      expect((await api.get(path)).status).toBe(404);
    });

    it('does not let the spec of a pod change', async () => {
      const { api, core } = world();
      const { body } = await api.post(core('pods'), boundPod('unchanging'));
      const next = { ...body, spec: { ...(body['spec'] as object), restartPolicy: 'Never' } };
      expectFailure(await api.put(core('pods', 'unchanging'), next), 422, 'Invalid');
      await api.delete(core('pods', 'unchanging'), undefined, { gracePeriodSeconds: '0' });
    });

    it('does not take the default namespace', async () => {
      expectFailure(await world().api.delete('/api/v1/namespaces/default'), 403, 'Forbidden');
    });

    it('of a namespace takes what is in it', async () => {
      const { api, namespace } = world();
      const name = `${namespace}-short`;
      const space = `/api/v1/namespaces/${name}`;
      await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      await api.post(`${space}/configmaps`, configMap('inside', {}, { finalizers: ['example.com/hold'] }));
      const answer = await api.delete(space);
      expect(answer.status).toBe(200);
      expect(at((await api.get(space)).body, 'status.phase')).toBe('Terminating');
      expectFailure(await api.post(`${space}/configmaps`, configMap('late')), 403, 'Forbidden');
      await api.merge(`${space}/configmaps/inside`, { metadata: { finalizers: null } });
      await expect.poll(async () => (await api.get(space)).status, { timeout: 15_000 }).toBe(404);
    });
  });
}
