import { defineConfig } from 'tsup';
import { writeAppSchema } from './test/package/app-schema.js';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    constructs: 'constructs/index.ts',
    testing: 'src/testing/index.ts',
    cli: 'src/cli/main.ts',
    'yz7-gateway': 'src/testing/yz7/main.ts',
  },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  // The CLI reaches the constructs as a user would, through the package's own name.
  external: ['youzan-kube/constructs'],
  dts: { entry: { index: 'src/index.ts', constructs: 'constructs/index.ts', testing: 'src/testing/index.ts' } },
  splitting: true,
  sourcemap: true,
  onSuccess: () => {
    writeAppSchema();
    return Promise.resolve();
  },
});
