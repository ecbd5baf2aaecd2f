import { describe, expect, it } from 'vitest';
import { at, boundPod, configMap, deployment, unconditional, type World } from './world.js';

export function subresourceCases(world: () => World): void {
  describe('generation, status and scale', () => {
    it('the generation grows with the spec, not with labels or status', async () => {
      const { api, apps } = world();
      const path = apps('deployments', 'counted');
      const made = await api.post(apps('deployments'), deployment('counted', { replicas: 0, paused: true }));
      expect(at(made.body, 'metadata.generation')).toBe(1);
      const labelled = await api.merge(path, { metadata: { labels: { x: 'y' } } });
      expect(at(labelled.body, 'metadata.generation')).toBe(1);
      const changed = await api.merge(path, { spec: { minReadySeconds: 5 } });
      expect(at(changed.body, 'metadata.generation')).toBe(2);
    });

    it('the status is written apart from the rest', async () => {
      const { api, core } = world();
      await api.post('/api/v1/nodes', {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: `${world().namespace}-node` },
      });
      const node = `/api/v1/nodes/${world().namespace}-node`;
      const condition = { type: 'Contract', status: 'True', reason: 'Test', message: '' };
      const written = await api.merge(`${node}/status`, {
        metadata: { labels: { x: 'y' } },
        status: { conditions: [condition] },
      });
      expect(at(written.body, 'status.conditions')).toEqual(
        expect.arrayContaining([expect.objectContaining({ type: 'Contract' })]),
      );
      const main = await api.merge(node, { spec: { unschedulable: true }, status: { conditions: [] } });
      expect(at(main.body, 'status.conditions')).toEqual(
        expect.arrayContaining([expect.objectContaining({ type: 'Contract' })]),
      );
      expect(at(main.body, 'spec.unschedulable')).toBe(true);
      await api.delete(node);
      await api.post(core('configmaps'), configMap('no-status'));
      expect((await api.get(`${core('configmaps', 'no-status')}/status`)).status).toBe(404);
    });

    it('a pod with an address has it in its list of addresses', async () => {
      const { api, core } = world();
      await api.post(core('pods'), boundPod('addressed'));
      const status = { status: { phase: 'Running', podIP: '10.1.2.3' } };
      const { body } = await api.merge(`${core('pods', 'addressed')}/status`, status);
      expect(at(body, 'status.podIPs')).toEqual([{ ip: '10.1.2.3' }]);
      await api.delete(core('pods', 'addressed'), undefined, { gracePeriodSeconds: '0' });
    });

    it('a Deployment is scaled through its scale', async () => {
      const { api, apps } = world();
      const path = apps('deployments', 'scaled');
      await api.post(apps('deployments'), deployment('scaled', { replicas: 0, paused: true }));
      const scale = await api.get(`${path}/scale`);
      expect(scale.body).toMatchObject({
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        metadata: { name: 'scaled' },
        status: { selector: 'app=scaled' },
      });
      expect(at(scale.body, 'spec.replicas') ?? 0).toBe(0);
      const merged = await api.merge(`${path}/scale`, { spec: { replicas: 1 } });
      expect(at(merged.body, 'spec.replicas')).toBe(1);
      const put = await api.put(`${path}/scale`, { ...unconditional(merged.body), spec: { replicas: 0 } });
      expect(put.status).toBe(200);
      expect(at((await api.get(path)).body, 'spec.replicas')).toBe(0);
    });
  });
}
