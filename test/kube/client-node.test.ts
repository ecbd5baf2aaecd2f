import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { createKubeClient, credentialsFromKubeconfig, credentialsInCluster } from '../../src/kube/index.js';
import { kubeconfig } from './kubeconfigs.js';

/** Node's own list of CommonJS modules that are loaded; client-node brings this one, and nothing else does. */
const isLoaded = (): boolean =>
  Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('/node_modules/isomorphic-ws/'));

describe('client-node', () => {
  it('is loaded when a kubeconfig is read, not before', async () => {
    const source = credentialsFromKubeconfig({ cluster: 'bc-a', text: kubeconfig() });
    createKubeClient({ name: 'bc-a', credentials: source });
    credentialsInCluster({ cluster: 'bc-b' });
    expect(isLoaded()).toBe(false);
    await source.read();
    expect(isLoaded()).toBe(true);
  });
});
