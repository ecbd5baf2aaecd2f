// `npm run lab:build`: the binaries of the lab, into the cache: those of Kubernetes, and with --all the others too.
import { parseArgs } from 'node:util';
import { buildBinary } from './binaries/build.js';
import { moduleNames } from './binaries/modules.js';
import { LabError } from './lab-error.js';

const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } });

try {
  for (const name of values.all ? moduleNames : (['kubernetes'] as const)) {
    const built = await buildBinary(name, (line) => console.log(line));
    const size = `${Math.round(built.sizeBytes / 1e6)} MB`;
    console.log(`${built.path}: ${size}, ${built.cached ? 'was built before' : `built in ${built.seconds} s`}`);
  }
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
