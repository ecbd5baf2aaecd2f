import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^youzan-kube\/constructs$/, replacement: source('./constructs/index.ts') },
      { find: /^youzan-kube\/testing$/, replacement: source('./src/testing/index.ts') },
      { find: /^youzan-kube$/, replacement: source('./src/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
