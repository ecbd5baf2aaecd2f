// What a change costs, and how soon it is everywhere: rolling updates of 200 changes a second over 100,000 endpoints in two
// clusters, to the embedded gateway and to real nginx; and the CPU time a change in a small and in a large cluster.
import { load, median, quantile, spread, target } from './figures.mjs';
import { missingForNginx, pollMs, startNginx } from './sync/nginx.mjs';
import { run, start, stop } from './sync/processes.mjs';

const seconds = Number(process.env.SECONDS ?? 20);
const rounds = Number(process.env.ROUNDS ?? 5);

async function withEmbedded(use) {
  const { child, first } = await start('./gateway.mjs', {});
  try {
    return await use(first);
  } finally {
    await stop(child);
  }
}

async function withNginx(use) {
  const nginx = await startNginx();
  try {
    return await use({ url: nginx.url, token: nginx.token });
  } finally {
    await nginx.stop();
  }
}

async function propagation(name, allowedMs, withGateway) {
  const { samples, left, writes, cpuMs, changes } = await withGateway((gateway) =>
    run('./changes-one.mjs', { gateway, slices: 500, endpoints: 100, perSecond: 200, seconds }),
  );
  console.log(
    `${name}: ${changes} changes, ${writes} writes, ${left} not confirmed at the end, CPU ${(cpuMs / changes).toFixed(2)} ms a change (${load()})`,
  );
  console.log(`  p90 ${quantile(samples, 0.9).toFixed(0)} ms, longest ${Math.max(...samples).toFixed(0)} ms`);
  if (allowedMs.p50 === undefined) console.log(`  propagation p50: ${median(samples).toFixed(1)} ms`);
  else target('propagation p50', median(samples), allowedMs.p50, { digits: 1, unit: ' ms' });
  target('propagation p99', quantile(samples, 0.99), allowedMs.p99, { digits: 1, unit: ' ms' });
}

/** Medians of alternating rounds: small, large, small, large. */
async function flat(what, unit, costOf) {
  const costs = { 100: [], 10_000: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const slices of [100, 10_000]) costs[slices].push(await costOf(slices));
  }
  const [small, large] = [costs[100], costs[10_000]];
  console.log(
    `  ${what}: 1,000 endpoints ${spread(small, 2)} ${unit}, 100,000 endpoints ${spread(large, 2)} ${unit} (${load()})`,
  );
  target(`${what}, large to small`, median(large) / median(small), 1.3);
}

console.log('200 changes a second over 100,000 endpoints in two clusters, from the API server to every worker');
await propagation('embedded gateway', { p50: 20, p99: 100 }, withEmbedded);
const missing = missingForNginx();
if (missing.length > 0) console.log(`nginx is not measured: apt-get install -y ${missing.join(' ')}`);
else await propagation(`nginx, whose workers look every ${pollMs()} ms`, { p99: 250 }, withNginx);

console.log(`CPU a change, slices of ten endpoints, medians of ${rounds} alternating rounds`);
await flat('the core alone', 'µs', async (slices) => {
  const options = { slices, endpoints: 10, changes: 6000 };
  const { micros } = await run('./core-one.mjs', options, ['--import', 'tsx']);
  return micros;
});
await flat('the whole', 'ms', (slices) =>
  withEmbedded(async (gateway) => {
    const options = { gateway, slices: slices / 2, endpoints: 10, perSecond: 40, seconds: Math.ceil(seconds / 2) };
    const { cpuMs, changes } = await run('./changes-one.mjs', options);
    return cpuMs / changes;
  }),
);
