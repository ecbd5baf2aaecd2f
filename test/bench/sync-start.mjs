// A syncer's start: 100,000 endpoints in 1,000 slices, from a server in a process of its own, beside JSON.parse of the same
// bytes and what a user would pick instead. Each start is a process of its own, in alternating rounds.
import { clientGo, informer } from './client-go/run.mjs';
import { load, median, row, spread, target } from './figures.mjs';
import { run, start, stop } from './sync/processes.mjs';

const rounds = Number(process.env.ROUNDS ?? 9);
const slices = Number(process.env.SLICES ?? 1000);
const endpoints = slices * 100;
const megabytes = (bytes) => bytes / 2 ** 20;

const { child, first: server } = await start('./api-server.mjs', { slices, endpoints: 100 });
const { program, missing } = clientGo();
const own = (way) => () => run('./start-one.mjs', { way, url: server.url, slices }, ['--expose-gc']);
const ways = {
  'JSON.parse of the whole list': own('floor'),
  'our reflector, compact records': own('reflector'),
  'our syncer, to the desired state': own('syncer'),
  "client-node's informer": own('client-node'),
  ...(program && { "client-go's informer": () => informer(program, server.url) }),
};
const results = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
try {
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, way] of Object.entries(ways)) results[name].push(await way());
  }
} finally {
  await stop(child);
}
const of = (name, figure) => results[name].map((result) => result[figure]);
console.log(
  `start with ${endpoints.toLocaleString('en')} endpoints in ${slices} slices (${megabytes(server.bytes).toFixed(0)} MB), medians of ${rounds} alternating rounds (${load()})`,
);
for (const name of Object.keys(ways)) {
  const kept = `${median(of(name, 'bytes').map(megabytes)).toFixed(1)} MB kept`;
  const cpu = results[name][0].cpuMs === undefined ? '' : `CPU ${spread(of(name, 'cpuMs'))} ms`;
  const delay = results[name][0].delayMs === undefined ? '' : `loop p99 ${median(of(name, 'delayMs')).toFixed(0)} ms`;
  row(name, `${spread(of(name, 'ms'))} ms`, cpu, kept, delay);
}
if (missing) console.log(`  client-go's informer is not measured: ${missing}`);
const [floor, syncer] = ['JSON.parse of the whole list', 'our syncer, to the desired state'];
target('CPU of the start, to JSON.parse alone', median(of(syncer, 'cpuMs')) / median(of(floor, 'cpuMs')), 1.8);
if (program) target("time, to client-go's", median(of(syncer, 'ms')) / median(of("client-go's informer", 'ms')), 1);
target('loop delay p99', median(of(syncer, 'delayMs')), 40, { digits: 0, unit: ' ms' });
const kept = median(of(syncer, 'bytes').map(megabytes));
target('kept, with UIDs, desired and confirmed state', kept, 25, { digits: 1, unit: ' MB' });
console.log(`  memory an endpoint: ${((kept * 2 ** 20) / endpoints).toFixed(0)} bytes`);
