import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { InOrder } from './in-order.js';

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
    // The files share clusters, and the machine.
    fileParallelism: false,
    sequence: { sequencer: InOrder },
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
