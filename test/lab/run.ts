// `npm run test:lab`: the tests that need real Kubernetes. Where they can't run it says why, and that is a failure only
// where CI=true. `npm run test:lab:full`, which is --full, runs the longer ones too. Arguments go to vitest:
// `npm run test:lab -- contract`.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildBinary } from './binaries/build.js';
import { namedPlaces } from './binaries/locate.js';
import { LabError } from './lab-error.js';
import { missingRequirements } from './requirements.js';

const missing = missingRequirements();
if (missing.length > 0) {
  console.log(`The lab can't run here:\n${missing.map((line) => `  - ${line}`).join('\n')}`);
  process.exit(process.env['CI'] === 'true' ? 1 : 0);
}

try {
  if (namedPlaces().length === 0) await buildBinary('kubernetes', (line) => console.log(line));
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  console.error(error.message);
  process.exit(1);
}

const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const args = process.argv.slice(2);
const full = args[0] === '--full';
const config = fileURLToPath(new URL(full ? 'vitest.full.config.ts' : 'vitest.config.ts', import.meta.url));
const tests = spawn(process.execPath, [vitest, 'run', '--config', config, ...(full ? args.slice(1) : args)], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => tests.kill(signal));
tests.on('exit', (code) => process.exit(code ?? 1));
