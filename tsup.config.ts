import { defineConfig, type Options } from 'tsup';
import { writeAppSchema } from './test/package/app-schema.js';

const common: Options = {
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  // The CLI reaches the constructs as a user would, through the package's own name.
  external: ['youzan-kube/constructs'],
  splitting: true,
  sourcemap: true,
};

export default defineConfig([
  {
    ...common,
    entry: {
      index: 'src/index.ts',
      testing: 'src/testing/index.ts',
      cli: 'src/cli/main.ts',
      'yz7-gateway': 'src/testing/yz7/main.ts',
    },
    dts: { entry: { index: 'src/index.ts', constructs: 'constructs/index.ts', testing: 'src/testing/index.ts' } },
    onSuccess: () => {
      writeAppSchema();
      return Promise.resolve();
    },
  },
  // Alone: a file that is shared with the other entries would load their parsers.
  { ...common, entry: { constructs: 'constructs/index.ts' } },
]);
