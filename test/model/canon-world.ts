// A whole state of the model in canonical text, and its hash.
import { hash } from 'node:crypto';
import { Canon } from './canon.js';
import { writeCalls } from './canon-calls.js';
import {
  conditionOf,
  type Fields,
  generation,
  revision,
  servers,
  version,
  writeCore,
  writeFields,
} from './canon-core.js';
import type { ClusterState, EntryState, InstanceTruth, ModelState, ProcessState, Stream } from './state.js';
import { frozenMs, graceMs, ticksSince, ticksUntil, tickMs, windowMs } from './time.js';
import type { Told } from './told.js';
import type { WorldSpec } from './world.js';

interface Place {
  readonly canon: Canon;
  readonly world: WorldSpec;
  readonly path: string;
}

/** Forgotten now and then: the states that wait to be explored must not keep their text. */
let known: Canon['known'] = new WeakMap();
let texts = 0;
const textsKept = 2000;

export function textOf(world: WorldSpec, state: ModelState): string {
  texts += 1;
  if (texts % textsKept === 0) known = new WeakMap();
  const canon = new Canon(state.now, known);
  const { faults, flaps, moves, drifts, takeovers } = state.budget;
  canon.line([faults, flaps, moves, drifts, takeovers].join());
  writeFields(cluster, state.cluster, { canon, world, path: '' });
  for (const process of Object.values(state.processes)) {
    const { name, core } = process;
    canon.once(process, (own) => writeFields(processFields, process, { canon: own, world, path: `${name} ` }));
    canon.once(core, (own) => writeCore(own, name, core));
  }
  for (const [name, one] of Object.entries(state.gateways)) canon.once(one, (own) => writeGateway(own, name, one));
  writeCalls(canon, state.calls);
  return canon.text(world);
}

/** 128 bits: no two states of a world meet by chance. */
export const hashOf = (world: WorldSpec, state: ModelState): string =>
  hash('md5', textOf(world, state), 'latin1' as 'hex');

const flag =
  (name: string) =>
  (value: string | boolean, { canon, path }: Place): void =>
    canon.line(path, name, String(value));

const cluster: Fields<ClusterState, Place> = {
  version: (value, { canon, path }) => canon.line(path, 'version ', version(canon, value)),
  pods: (value, { canon, path }) => {
    for (const [uid, condition] of Object.entries(value)) canon.pod(uid, path, 'is ', condition);
  },
  apps: (value, { canon, path }) => canon.line(path, 'apps ', value.join()),
  epoch: (value, { canon, path }) => canon.line(path, 'lease ', canon.rank('epoch', value)),
  before: (value, { canon, world, path }, { pods }) => {
    // What nobody may ask for any more makes no difference.
    if (value === null || !world.faults.some((kind) => kind === 'stale-list' || kind === 'etcd-restored')) return;
    canon.line(
      path,
      'before ',
      version(canon, value.version),
      ' ',
      value.apps.join(),
      ' ',
      canon.rank('epoch', value.epoch),
    );
    for (const [uid, condition] of Object.entries(value.pods))
      if (pods[uid] !== condition) canon.pod(uid, path, 'was ', condition);
  },
  lostWrite: flag('lostWrite'),
  holder: flag('holder'),
};

const told: Fields<Told, Place> = {
  slices: (value, { canon, path }) => {
    for (const [key, { endpoints }] of Object.entries(value))
      for (const endpoint of endpoints) canon.pod(endpoint.uid, path, 'told ', key, conditionOf(endpoint));
  },
  version: (value, { canon, path }) => canon.line(path, 'told ', version(canon, value)),
  vouched: (value, { canon, path }) => canon.line(path, 'told vouched ', version(canon, value)),
  beatAt: (value, { canon, path }) =>
    canon.line(path, 'told beat ', value === null ? 'never' : String(ticksSince(canon.now, value, frozenMs))),
  beatVersion: (value, { canon, path }) => canon.line(path, 'told beatv ', version(canon, value)),
  isOpen: flag('told open'),
  owed: (value, { canon, path }) => canon.line(path, 'owed ', String(value)),
  owedBeats: (value, { canon, path }) => canon.line(path, 'owed beats ', String(value)),
  needsList: flag('needsList'),
  isFrozen: flag('told frozen'),
  listedAt: (value, { canon, path }) =>
    canon.line(path, 'told listed ', value === null ? 'never' : String(ticksSince(canon.now, value, tickMs))),
  absent: (value, { canon, path }) => {
    for (const [key, { since, last }] of Object.entries(value))
      canon.pod(key, path, 'told absent ', String(ticksSince(canon.now, since, tickMs)), conditionOf(last));
  },
  ended: (value, { canon, path }) => {
    for (const key of value) canon.pod(key, path, 'told ended');
  },
  gone: (value, { canon, path }) => {
    for (const key of value) canon.pod(key, path, 'told gone');
  },
  servicesGone: (value, { canon, path }) => canon.line(path, 'told services gone ', value.join()),
  overridden: flag('told overridden'),
};

const processFields: Fields<ProcessState, Place> = {
  name: () => undefined,
  // Written beside.
  core: () => undefined,
  told: (value, place) => place.canon.once(value, (canon) => writeFields(told, value, { ...place, canon })),
  timers: (value, { canon, path }) => {
    for (const name of Object.keys(value).sort())
      canon.line(path, 'timer ', name, name.startsWith('drift ') ? '' : ` ${ticksUntil(canon.now, value[name] ?? 0)}`);
  },
  stream: (value, { canon, path }) => writeStream(canon, value, path),
  lease: flag('lease'),
  beats: flag('beats'),
  isPaused: flag('paused'),
  epochFloor: (value, { canon, path }) => canon.line(path, 'floor ', canon.rank('epoch', value)),
  losses: (value, { canon, path }) => {
    for (const [place, at] of Object.entries(value)) {
      const [gateway = '', upstream = '', key = ''] = place.split(' ');
      if (canon.now - at < windowMs)
        canon.pod(key, path, `lost ${gateway} ${upstream} ${ticksSince(canon.now, at, windowMs)}`);
    }
  },
};

function writeStream(canon: Canon, { state, version: at, queue }: Stream, path: string): void {
  canon.line(path, 'stream ', state, ' ', version(canon, at));
  queue.forEach((entry, index) => {
    canon.line(path, `next ${index} ${entry.app} ${entry.pods === undefined} `, version(canon, entry.version));
    for (const [uid, condition] of Object.entries(entry.pods ?? {})) canon.pod(uid, path, `next ${index} `, condition);
  });
}

function writeGateway(
  canon: Canon,
  name: string,
  { store, revision: at, claim, entries, workers, greatestEpoch }: InstanceTruth,
): void {
  canon.line(name, ` store ${store} `, revision(canon, name, at), ' ', canon.rank('epoch', greatestEpoch));
  if (claim !== null) canon.line(name, ' claim ', claim.writer, ' ', ...generation(canon, claim.generation));
  for (const [upstream, entry] of Object.entries(entries)) writeEntry(canon, name, `${name} ${upstream} `, entry);
  // Workers differ in nothing but what they have.
  const sorted = [...workers].sort((one, other) => one.applied - other.applied);
  sorted.forEach((worker, index) => {
    canon.line(name, ` worker ${index} `, revision(canon, name, worker.applied));
    for (const [upstream, list] of Object.entries(worker.servers))
      servers(canon, list, `${name} worker ${index} ${upstream} `);
  });
}

function writeEntry(canon: Canon, name: string, path: string, entry: EntryState): void {
  canon.line(
    path,
    ...generation(canon, entry.generation),
    ' ',
    revision(canon, name, entry.revision),
    ' ',
    revision(canon, name, entry.lastAdd),
    ` ${entry.isAltered}`,
  );
  for (const { count, until } of entry.past)
    if (until >= canon.now - windowMs) canon.line(path, `past ${count} ${ticksSince(canon.now, until, windowMs)}`);
  servers(canon, entry.servers, path, 'entry ');
  for (const [key, { revision: at, confirmedAt }] of Object.entries(entry.drained))
    canon.pod(
      key,
      path,
      'drained ',
      revision(canon, name, at),
      confirmedAt === null ? '' : ` ${ticksSince(canon.now, confirmedAt, graceMs)}`,
    );
}
