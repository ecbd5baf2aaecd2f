// `npm run test:lab:full`: the longer files too.
import { mergeConfig } from 'vitest/config';
import ordinary from './vitest.config.js';

export default mergeConfig(ordinary, { test: { name: 'lab-full', include: ['test/lab/**/*.lab-full.test.ts'] } });
