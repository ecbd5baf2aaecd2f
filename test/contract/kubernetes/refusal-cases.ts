import { describe, expect, it } from 'vitest';
import { at, boundPod, configMap, deployment, expectFailure, type World } from './world.js';

/** What the library does not use. A server may refuse it with 501; one that does it has to do it right. */
export function refusalCases(world: () => World): void {
  describe('beyond what the library uses', () => {
    it.each([
      ['JSON patch', 'application/json-patch+json', [{ op: 'add', path: '/data/x', value: '2' }]],
      ['strategic merge patch', 'application/strategic-merge-patch+json', { data: { x: '2' } }],
    ])('%s changes the object', async (what, type, patch) => {
      const { api, core, fresh, refused } = world();
      const name = fresh('patched');
      await api.post(core('configmaps'), configMap(name, { x: '1' }));
      const answer = await api.request('PATCH', core('configmaps', name), patch, { type });
      if (!refused(what, answer)) expect(answer.body).toMatchObject({ data: { x: '2' } });
    });

    it('a pod is evicted', async () => {
      const { api, core, fresh, refused } = world();
      const name = fresh('evicted');
      await api.post(core('pods'), boundPod(name));
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } };
      const answer = await api.post(`${core('pods', name)}/eviction`, eviction);
      if (!refused('eviction', answer)) expect(answer.status).toBe(201);
      await api.delete(core('pods', name), undefined, { gracePeriodSeconds: '0' });
    });

    it('a user without rights is told what is missing', async () => {
      const { api, core, namespace, refused } = world();
      const answer = await api.request('GET', core('pods'), undefined, { impersonate: 'nobody' });
      if (refused('impersonation and RBAC', answer)) return;
      expectFailure(answer, 403, 'Forbidden', {
        message: `pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "${namespace}"`,
      });
    });

    it('a pod that a disruption budget needs is not evicted', async () => {
      const { api, core, namespace, fresh, refused } = world();
      const name = fresh('budget');
      const labels = { budget: name };
      const budgets = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
      const spec = { minAvailable: 1, selector: { matchLabels: labels } };
      const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec };
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } };
      const evict = () => api.post(`${core('pods', name)}/eviction`, eviction);
      // Of a pod that there is not: a server without evictions says so, and any other that there is no such pod.
      if (refused('eviction', await evict())) return;
      const made = await api.post(budgets, budget);
      expect(made.status).toBe(201);
      await api.post(core('pods'), boundPod(name, { labels }));
      const conditions = [{ type: 'Ready', status: 'True' }];
      await api.merge(`${core('pods', name)}/status`, { status: { phase: 'Running', conditions } });
      const seen = async (): Promise<unknown> =>
        at((await api.get(`${budgets}/${name}`)).body, 'status.currentHealthy');
      await expect.poll(seen, { timeout: 10_000 }).toBe(1);
      const answer = await evict();
      expect(answer.status).toBe(429);
      expect(at(answer.body, 'details.causes.0.reason')).toBe('DisruptionBudget');
      expect((await api.get(core('pods', name))).status).toBe(200);
      await api.delete(`${budgets}/${name}`);
      await api.delete(core('pods', name), undefined, { gracePeriodSeconds: '0' });
    });

    it('a collection is deleted', async () => {
      const { api, core, fresh, refused } = world();
      const name = fresh('collected');
      await api.post(core('configmaps'), configMap(name, {}, { labels: { collected: 'yes' } }));
      const answer = await api.delete(core('configmaps'), undefined, { labelSelector: 'collected=yes' });
      if (!refused('deletecollection', answer)) expect((await api.get(core('configmaps', name))).status).toBe(404);
    });

    it.each(['Foreground', 'Orphan'])('the propagation policy %s is kept', async (propagationPolicy) => {
      const { api, apps, fresh, refused } = world();
      const name = fresh('propagated');
      await api.post(apps('deployments'), deployment(name, { replicas: 0 }));
      const answer = await api.delete(apps('deployments', name), undefined, { propagationPolicy });
      if (!refused(`propagationPolicy ${propagationPolicy}`, answer)) expect(answer.status).toBe(200);
    });

    it.each([
      '/apis/apps/v1/statefulsets',
      '/apis/apps/v1/daemonsets',
      '/apis/autoscaling/v2/horizontalpodautoscalers',
      '/apis/policy/v1/poddisruptionbudgets',
      '/api/v1/serviceaccounts',
    ])('%s is listed', async (path) => {
      const { api, refused } = world();
      const answer = await api.get(path);
      if (!refused(path, answer)) expect(answer.status).toBe(200);
    });

    it('the scale is applied', async () => {
      const { api, apps, fresh, refused } = world();
      const name = fresh('scale-applied');
      await api.post(apps('deployments'), deployment(name, { replicas: 0, paused: true }));
      const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name }, spec: { replicas: 1 } };
      const path = `${apps('deployments', name)}/scale`;
      const answer = await api.apply(path, scale, 'one');
      if (refused('apply of scale', answer)) return;
      expectFailure(answer, 409, 'Conflict', {
        message: 'Apply failed with 1 conflict: conflict with "contract" using autoscaling/v1: .spec.replicas',
      });
      const forced = await api.apply(path, scale, 'one', { force: 'true' });
      expect(forced.body).toMatchObject({ spec: { replicas: 1 } });
    });
  });
}
