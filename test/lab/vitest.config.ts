import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { InOrder } from './in-order.js';
import { sideBySide } from './requirements.js';

const source = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export default defineConfig({
  root: source('.'),
  resolve: {
    alias: [
      { find: /^youzan-kube\/constructs$/, replacement: source('constructs/index.ts') },
      { find: /^youzan-kube\/testing$/, replacement: source('src/testing/index.ts') },
      { find: /^youzan-kube$/, replacement: source('src/index.ts') },
    ],
  },
  test: {
    name: 'lab',
    include: ['test/lab/**/*.lab.test.ts'],
    globalSetup: ['test/lab/vitest-setup.ts'],
    // Each file has its clusters to itself; a kubelet without an inotify instance ends.
    maxWorkers: sideBySide(),
    sequence: { sequencer: InOrder },
    testTimeout: 120_000,
    // One file may have to wait for another's clusters.
    hookTimeout: 300_000,
  },
});
