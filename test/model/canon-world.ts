// A whole state of the model in canonical text, and its hash.
import { hash } from 'node:crypto';
import { Canon, type Part } from './canon.js';
import {
  conditionOf,
  type Fields,
  generation,
  look,
  revision,
  servers,
  version,
  writeCore,
  writeFields,
} from './canon-core.js';
import type { Judged } from './judge.js';
import type { Call, ClusterState, EntryState, InstanceTruth, ModelState, ProcessState, Stream } from './state.js';
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
  for (const call of [...state.calls].sort(byIdentity)) writeCall(canon, call);
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

/** The same call in every history: numbers only grow. */
const identityOf = ({ process, ask, stage }: Call): string => {
  const of = 'gateway' in ask ? ask.gateway : '';
  const upstream = 'upstream' in ask ? ask.upstream : '';
  return `${process} ${ask.type} ${of} ${upstream} ${stage}`;
};
const numberOf = ({ ask }: Call): number => {
  if ('look' in ask) return ask.look;
  if ('generation' in ask) return Number(ask.generation);
  return 'revision' in ask ? ask.revision : 0;
};
function byIdentity(one: Call, other: Call): number {
  const [a, b] = [identityOf(one), identityOf(other)];
  if (a !== b) return a < b ? -1 : 1;
  return numberOf(one) - numberOf(other);
}

function writeCall(canon: Canon, call: Call): void {
  const { ask, process, answer, judged } = call;
  const path: Part[] = [identityOf(call), ' '];
  if (ask.type === 'prove') {
    canon.line(...path, ask.services.join());
    for (const key of Object.keys(ask.pods)) canon.pod(key, ...path);
  } else if ('look' in ask) path.push(look(canon, process, ask.gateway, ask.look), ' ');
  else if ('generation' in ask) path.push(...generation(canon, ask.generation), ' ');
  else path.push(revision(canon, ask.gateway, ask.revision), ' ');
  canon.line(...path);
  if (ask.type === 'write') {
    servers(canon, ask.servers, ...path, `write ${ask.force !== null} `);
    canon.line(...path, String(ask.force !== null));
  }
  if (answer !== null) writeAnswer(canon, call, path);
  if (judged !== null && call.stage !== 'answered') writeJudged(canon, judged, path);
}

function writeAnswer(canon: Canon, { ask, answer }: Call, path: readonly Part[]): void {
  const gateway = 'gateway' in ask ? ask.gateway : '';
  switch (answer?.type) {
    case 'claimed':
      canon.line(...path, answer.storeId);
      break;
    case 'written':
      canon.line(...path, answer.storeId, ' ', revision(canon, gateway, answer.revision));
      break;
    case 'sources':
      for (const { upstream, servers: list, revision: at } of answer.sources) {
        canon.line(...path, upstream, ' ', revision(canon, gateway, at));
        servers(canon, list, ...path, upstream, ' ');
      }
      break;
    case 'read':
      canon.line(...path, revision(canon, gateway, answer.revision));
      servers(canon, answer.servers, ...path);
      break;
    case 'proof':
      canon.line(...path, 'gone ', answer.servicesGone.join());
      for (const [key, proof] of Object.entries(answer.pods)) canon.pod(key, ...path, proof);
      break;
    case 'claim-failed':
    case 'write-failed': {
      const { code, uncertain, retryAfterMs, presentEpoch } = answer.failure;
      canon.line(...path, `${code} ${uncertain} ${retryAfterMs} `, canon.rank('epoch', presentEpoch));
      break;
    }
  }
}

function writeJudged(
  canon: Canon,
  { blindness, verdicts, addsConfirmed, believed, storeId, at }: Judged,
  path: readonly Part[],
): void {
  canon.line(...path, `judged ${blindness} ${addsConfirmed} ${storeId} ${ticksSince(canon.now, at, windowMs)}`);
  for (const [key, verdict] of Object.entries(verdicts))
    canon.pod(key, ...path, 'judged ', Object.values(verdict).join());
  servers(canon, believed, ...path, 'believed ');
}
