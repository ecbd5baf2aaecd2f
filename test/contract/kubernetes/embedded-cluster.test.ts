// The list of what the embedded cluster refuses stands in docs/testing.md. When it changes:
//   UPDATE_DOCS=1 npx vitest run test/contract/kubernetes/embedded-cluster.test.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, expect } from 'vitest';
import { startEmbeddedCluster, type EmbeddedCluster } from '../../../src/testing/cluster/index.js';
import { kubernetesContract } from './suite.js';

const page = new URL('../../../docs/testing.md', import.meta.url);
const block = /(<!-- refused: begin -->\n\n)([^]*?)(\n\n<!-- refused: end -->)/;

function holdDocs(refused: readonly string[]): void {
  const text = readFileSync(page, 'utf8');
  const list = refused.map((what) => `- ${what}`).join('\n');
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, text.replace(block, `$1${list}$3`));
  else expect(block.exec(text)?.[2], 'the list of refusals in docs/testing.md').toBe(list);
}

let cluster: EmbeddedCluster | undefined;

kubernetesContract(async () => (cluster = await startEmbeddedCluster({ name: 'contract' })), {
  name: 'the embedded cluster with its controllers',
  expire: () => {
    cluster?.faults.expire();
    return Promise.resolve();
  },
  onRefused: holdDocs,
});

afterAll(() => cluster?.stop());
