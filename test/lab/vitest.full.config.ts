// `npm run test:lab:full`: the longer files too.
import { mergeConfig } from 'vitest/config';
import ordinary from './vitest.config.js';

export default mergeConfig(ordinary, {
  test: {
    name: 'lab-full',
    include: ['test/lab/**/*.lab-full.test.ts'],
    // They put load on the machine: one at a time. Node takes one new connection in a turn of its loop, so a process that
    // gets too little of a processor turns connections away that it could serve.
    maxWorkers: 1,
  },
});
