// `npm run lab:build`: the Kubernetes binaries of the lab, into the cache.
import { buildBinary } from './binaries/build.js';
import { LabError } from './lab-error.js';

try {
  const built = await buildBinary((line) => console.log(line));
  const size = `${Math.round(built.sizeBytes / 1e6)} MB`;
  console.log(`${built.path}: ${size}, ${built.cached ? 'was built before' : `built in ${built.seconds} s`}`);
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
