// A process of its own, with tsx: what one change costs the core alone, from a slice's event to the last answer of the
// gateway, in a cluster of so many slices. No I/O; time is the core's own.
import { decodeEndpointSlice, digestOf, membersOfSlices } from '../../../src/members/index.ts';
import { youzanConventions } from '../../../src/conventions/index.ts';
import {
  generationOf,
  initialState,
  step,
  syncGuards,
  syncRules,
  syncTimings,
} from '../../../src/k8s-sync/core/index.ts';
import { appOf, endpointOf, sliceOf, slicesOf } from './slices.mjs';

const { slices: count, endpoints: perSlice, changes } = JSON.parse(process.argv[2]);
const storeId = '5f7c1f0e-0000-4000-8000-000000000000';
const gateway = 'yz7';
let now = 0;
let revision = 0;
let state = initialState({
  cluster: 'bc-a',
  source: 'k8s.bc.bc-a',
  writer: 'bench',
  gateways: [gateway],
  weight: 100,
  timings: syncTimings,
  guards: syncGuards,
  rules: syncRules,
});
const timers = [];

/** What a gateway would answer at once. */
function answerTo(effect) {
  switch (effect.type) {
    case 'claim':
      return { type: 'claimed', gateway, generation: effect.generation, storeId };
    case 'read-sources':
      return { type: 'sources', gateway, look: effect.look, sources: [] };
    case 'write': {
      const { upstream, generation, servers } = effect;
      revision += 1;
      return {
        type: 'written',
        gateway,
        upstream,
        generation,
        storeId,
        revision,
        digest: digestOf(servers),
        changed: true,
      };
    }
    case 'confirm':
      return { type: 'confirmed', gateway, storeId, revision: effect.revision, applied: true, lagging: [] };
    case 'timer':
      if (effect.name.startsWith('upstream ')) timers.push(effect);
      return undefined;
  }
}

function take(event) {
  const events = [event];
  for (let next = events.shift(); next !== undefined; next = events.shift()) {
    const stepped = step(state, next, now);
    state = stepped.state;
    events.push(...stepped.effects.map(answerTo).filter((answer) => answer !== undefined));
  }
}

const decode = (object) => decodeEndpointSlice(object, youzanConventions);
const objects = slicesOf({ slices: count, endpoints: perSlice });
const keyOf = ({ metadata }) => `${metadata.namespace}/${metadata.name}`;
const listed = Object.fromEntries(objects.map((object) => [keyOf(object), decode(object)]));
take({ type: 'heartbeat', resourceVersion: '900' });
take({ type: 'leading', epoch: 1 });
take({
  type: 'slices',
  changes: [{ kind: 'replaced', slices: listed, resourceVersion: '1000' }, { kind: 'connected' }],
});
if (membersOfSlices(Object.values(listed)).length !== count * perSlice || generationOf(1, 0) === '0')
  throw new Error('the cluster is not what it should be');

let pods = count * perSlice;
let version = 1000;
function change(number, at) {
  const { endpoints } = objects[number];
  if (at === 0) endpoints.push(endpointOf(0, appOf(number), (pods += 1)));
  else if (at === 1) endpoints[0] = { ...endpoints[0], conditions: { ready: false, serving: true, terminating: true } };
  else endpoints.shift();
  version += 1;
  const object = sliceOf(number, endpoints, version);
  const slice = decode(object);
  return { kind: 'upserted', key: keyOf(object), slice, resourceVersion: String(version) };
}

function many(times) {
  for (let made = 0; made < times; made += 1) {
    now += 5;
    if (made % 200 === 0) take({ type: 'heartbeat', resourceVersion: String(version) });
    const number = Math.floor(made / 3) % count;
    take({ type: 'slices', changes: [change(number, made % 3)] });
    while (timers.length > 0 && timers[0].at <= now) take({ type: 'timer', name: timers.shift().name });
  }
}
many(changes);
const cpu = process.cpuUsage();
many(changes);
const { user, system } = process.cpuUsage(cpu);
process.send({ micros: (user + system) / changes });
process.on('disconnect', () => process.exit(0));
