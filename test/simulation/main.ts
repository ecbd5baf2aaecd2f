// npm run test:simulation -- --seeds N [--seed S] [--trace LINES] [--json]
import { parseArgs } from 'node:util';
import { simulate } from './simulate.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    seed: { type: 'string' },
    trace: { type: 'string', default: '200' },
    json: { type: 'boolean', default: false },
  },
});
const numberOf = (text: string, name: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new Error(`--${name} is ${text}; it must be a whole number from 1 on`);
  return number;
};
const first = values.seed === undefined ? 1 : numberOf(values.seed, 'seed');
const count = values.seed === undefined ? numberOf(values.seeds, 'seeds') : 1;

const started = performance.now();
const elapsedS = (): number => (performance.now() - started) / 1000;
let writes = 0;
let virtualMs = 0;
let done = 0;
let shownAt = 0;
const failures: object[] = [];
for (let seed = first; seed < first + count; seed += 1) {
  const outcome = await simulate(seed, { traceLines: numberOf(values.trace, 'trace') });
  done += 1;
  writes += outcome.writes;
  virtualMs += outcome.virtualMs;
  if (outcome.violation !== undefined) {
    failures.push({ seed, ...outcome.violation });
    if (!values.json) {
      for (const line of outcome.trace) console.log(line);
      console.log(`seed ${seed}: ${outcome.violation.invariant}: ${outcome.violation.message}`);
      console.log(`again: npm run test:simulation -- --seed ${seed}`);
    }
    break;
  }
  if (!values.json && elapsedS() - shownAt >= 5) {
    shownAt = elapsedS();
    console.log(`${done}/${count} seeds, ${(done / shownAt).toFixed(1)} seeds/s`);
  }
}
const summary = {
  ok: failures.length === 0,
  seeds: done,
  seedsPerSecond: Number((done / elapsedS()).toFixed(1)),
  virtualHours: Number((virtualMs / 3_600_000).toFixed(2)),
  writes,
  failures,
};
console.log(
  values.json
    ? JSON.stringify(summary)
    : `${done} seeds, ${writes} writes, ${summary.virtualHours} virtual hours, ${summary.seedsPerSecond} seeds/s: ${summary.ok ? 'all rules held' : 'FAILED'}`,
);
process.exitCode = summary.ok ? 0 : 1;
