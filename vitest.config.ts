import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const alias = [
  { find: /^youzan-kube\/constructs$/, replacement: source('./constructs/index.ts') },
  { find: /^youzan-kube\/testing$/, replacement: source('./src/testing/index.ts') },
  { find: /^youzan-kube$/, replacement: source('./src/index.ts') },
];

/** Tests that start servers which are not of this project. */
const realServers = [
  'test/yz7-nginx/**/*.test.ts',
  'test/gateways/haproxy/**/*.test.ts',
  'test/hooks/registry/**/*.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: ['test/cli/**', 'test/lab/**', ...realServers],
          // Many tests wait for real processes: more files than cores, at once.
          maxWorkers: 4,
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'servers',
          include: realServers,
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          // Real nginx, HAProxy and etcd, asked by real programs with deadlines: not while four other files take the cores.
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'demo',
          include: ['test/cli/demo.test.ts'],
          globalSetup: ['test/cli/build.ts'],
          // Its load takes a whole machine: it runs alone, when the other tests are done.
          sequence: { groupOrder: 2 },
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'cli',
          include: ['test/cli/**/*.test.ts'],
          exclude: ['test/cli/demo.test.ts'],
          globalSetup: ['test/cli/build.ts'],
          maxConcurrency: 3,
          testTimeout: 60_000,
          // Demos with faults: three at a time, when the demo itself is done.
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
