import { afterAll, beforeAll, describe } from 'vitest';
import { applyCases } from './apply-cases.js';
import { connectApi, type Api } from './client.js';
import { deleteCases } from './delete-cases.js';
import { readCases } from './read-cases.js';
import { refusalCases } from './refusal-cases.js';
import { subresourceCases } from './subresource-cases.js';
import { watchCases } from './watch-cases.js';
import { createWorld, type ContractOptions, type World } from './world.js';
import { writeCases } from './write-cases.js';

/**
 * What this project expects of a Kubernetes 1.34 API server. Needs an administrator's kubeconfig with embedded data and
 * nothing else; works in a namespace of its own. What a server answers with 501 is not a failure: it is counted as
 * refused and listed at the end.
 */
export function kubernetesContract(
  connect: () => Promise<{ readonly kubeconfig: string }>,
  options: ContractOptions,
): void {
  describe(`the Kubernetes API of ${options.name}`, () => {
    const refusals = new Set<string>();
    let api: Api | undefined;
    let current: World | undefined;
    const world = (): World => {
      if (current === undefined) throw new Error('not connected');
      return current;
    };

    beforeAll(async () => {
      api = connectApi((await connect()).kubeconfig);
      const namespace = `contract-${Date.now().toString(36)}`;
      const made = await api.post('/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace },
      });
      if (made.status !== 201) throw new Error(made.text);
      current = createWorld(api, namespace, options, refusals);
    });

    afterAll(async () => {
      if (current !== undefined) await current.api.delete(`/api/v1/namespaces/${current.namespace}`);
      api?.close();
      const list = [...refusals].sort();
      console.log(`${options.name}: ${list.length} refused (501)${list.map((what) => `\n  refused ${what}`).join('')}`);
      options.onRefused?.(list);
    });

    readCases(world);
    writeCases(world);
    subresourceCases(world);
    deleteCases(world);
    applyCases(world);
    watchCases(world);
    refusalCases(world);
  });
}
