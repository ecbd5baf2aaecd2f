// What 50,000 services with one slice each cost, from objects that are parsed already to members and desired sources: the
// pure rooms alone, in turns with the floor (one object with the same fields made of each endpoint).
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { load, median, spread, target } from './figures.mjs';
import { slicesOf } from './sync/slices.mjs';

const { decodeEndpointSlice, membersOfSlices, serverOf, upstreamOf, youzanConventions } =
  await import('../../dist/index.js');
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const services = 50_000;
const rounds = 9;
const objects = slicesOf({ slices: services, endpoints: 1 });

const ways = {
  floor: () =>
    objects.map(({ endpoints }) =>
      endpoints.map(({ addresses, targetRef, zone, conditions }) => ({
        ip: addresses[0],
        uid: targetRef.uid,
        zone,
        ...conditions,
      })),
    ),
  own: () => {
    const sources = new Map();
    for (const object of objects) {
      const members = membersOfSlices([decodeEndpointSlice(object, youzanConventions)]);
      for (const member of members) {
        const name = upstreamOf(member);
        const source = sources.get(name) ?? { members: [], servers: [] };
        source.members.push(member);
        if (member.ready) source.servers.push(serverOf(member, 'up'));
        sources.set(name, source);
      }
    }
    return sources;
  },
};

function heap() {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

const times = { floor: [], own: [] };
const kept = { floor: [], own: [] };
for (const way of Object.values(ways)) way();
for (let round = 0; round < rounds; round += 1) {
  for (const [name, way] of Object.entries(ways)) {
    const before = heap();
    const cpu = process.cpuUsage();
    const result = way();
    const { user, system } = process.cpuUsage(cpu);
    times[name].push((user + system) / services);
    kept[name].push((heap() - before) / services / 1024);
    if (result.length === 0) throw new Error('nothing was made');
  }
}
const count = `${services.toLocaleString('en')} services of one slice each`;
console.log(`members and desired sources of ${count}, from parsed objects; medians of ${rounds} rounds (${load()})`);
console.log(`  CPU a service: floor ${spread(times.floor, 2)} µs, ours ${spread(times.own, 2)} µs`);
target('CPU a service', median(times.own), 25, { digits: 1, unit: ' µs' });
target('kept a service', median(kept.own), 3.5, { unit: ' KB' });
