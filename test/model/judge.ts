// What a write may change, by what its process was told when it sent it; and whether it did no more when it was applied.
import { epochOf } from '../../src/k8s-sync/core/index.js';
import { isServing, type Server, serverKey } from '../../src/members/index.js';
import { type Evidence, evidenceFor, isProven, isTaken } from '../simulation/oracle/evidence.js';
import { storeIdOf } from './gateway.js';
import {
  type EntryState,
  type InstanceTruth,
  type ModelState,
  type ProcessState,
  Violation,
  type Write,
} from './state.js';
import { graceMs, windowMs } from './time.js';
import { viewOf } from './told.js';
import type { WorldSpec } from './world.js';

interface Verdict {
  readonly evidence: Evidence | 'none';
  readonly isProven: boolean;
  /** It may go without a drain. */
  readonly isOver: boolean;
  readonly isReady: boolean;
  readonly isServing: boolean;
  readonly isListed: boolean;
  /** Every worker had its drain for the grace. */
  readonly hadGrace: boolean;
}

export interface Judged {
  readonly blindness: string | null;
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** Every worker had every server that was added. */
  readonly addsConfirmed: boolean;
  readonly believed: readonly Server[];
  readonly storeId: string;
  readonly at: number;
}

/** Taken down when the write is sent. */
export function judge(state: ModelState, process: ProcessState, sent: Write, believed: readonly Server[]): Judged {
  const view = viewOf(process.told, state.now);
  const instance = instanceOf(state, sent.gateway);
  const entry = instance.entries[sent.upstream];
  const servers = [...(entry?.servers ?? []), ...believed, ...sent.servers];
  const verdicts = servers.map((server): [string, Verdict] => {
    const key = serverKey(server);
    const member = view.members.get(key);
    const verdict = {
      evidence: evidenceFor(view, server) ?? ('none' as const),
      isProven: isProven(view, server),
      isOver: view.gone.has(key) || isTaken(view, server),
      isReady: member?.ready === true,
      isServing: member?.serving === true,
      isListed: member !== undefined,
      hadGrace: hadGrace(entry, key, state.now),
    };
    return [key, verdict];
  });
  const everywhere = Math.min(...instance.workers.map(({ applied }) => applied));
  return {
    blindness: view.blindness ?? null,
    verdicts: Object.fromEntries(verdicts),
    addsConfirmed: everywhere >= (entry?.lastAdd ?? 0),
    believed,
    storeId: process.core.instances[sent.gateway]?.storeId ?? '',
    at: state.now,
  };
}

function hadGrace(entry: EntryState | undefined, key: string, now: number): boolean {
  const at = entry?.drained[key]?.confirmedAt ?? null;
  return at !== null && now - at >= graceMs;
}

export function instanceOf({ gateways }: ModelState, name: string): InstanceTruth {
  const instance = gateways[name];
  if (instance === undefined) throw new Violation('unknown-gateway', name);
  return instance;
}

/** A write that arrives at an instance and is about to be applied. */
export interface Arrival {
  readonly state: ModelState;
  readonly process: string;
  readonly write: Write;
  readonly judged: Judged;
  /** Earlier writes of the process may arrive yet, or have arrived without its knowing. */
  readonly isUnsettled: boolean;
}

/** Throws when a rule is broken; else the removals of the process's own choice. */
export function check(world: WorldSpec, arrival: Arrival): Readonly<Record<string, number>> {
  const { state, process, write, judged } = arrival;
  const instance = instanceOf(state, write.gateway);
  const epoch = epochOf(write.generation);
  if (epoch < instance.greatestEpoch)
    throw new Violation('fenced', `a write of epoch ${epoch} is applied after one of ${instance.greatestEpoch}`);
  const isElsewhere = judged.storeId !== storeIdOf(write.gateway, instance);
  const entry = instance.entries[write.upstream];
  const isUnknown = arrival.isUnsettled || isElsewhere || entry?.isAltered === true;
  const before = isUnknown ? judged.believed : (entry?.servers ?? []);
  checkAdded(before, write.servers, judged);
  checkDeleted(before, write.servers, judged, isElsewhere);
  checkForce(before, write, judged);
  const chosen = checkLost(before, write.servers, judged, isElsewhere);
  return shrunk(world, state.processes[process], arrival, chosen);
}

function checkAdded(before: readonly Server[], after: readonly Server[], { verdicts }: Judged): void {
  const known = new Set(before.map(serverKey));
  for (const key of after.map(serverKey))
    if (!known.has(key) && verdicts[key]?.isReady !== true)
      throw new Violation('unseen-add', `${key} is added, and no slice said that it is ready`);
}

/** What lifts a gateway's guard is proof, for all that it takes out of traffic. */
function checkForce(before: readonly Server[], { servers, force }: Write, { verdicts }: Judged): void {
  if (force === null) return;
  const serving = new Set(servers.filter(isServing).map(serverKey));
  const isEnding = (key: string): boolean =>
    verdicts[key]?.isProven === true || verdicts[key]?.evidence === 'terminating';
  const lost = before.filter(isServing).map(serverKey);
  const unproven = lost.filter((key) => !serving.has(key) && !isEnding(key));
  if (unproven.length > 0)
    throw new Violation('forced', `${unproven.join()} goes by force, and nobody proved that it ends`);
}

/** Answers those that go by the process's own choice. */
function checkLost(
  before: readonly Server[],
  after: readonly Server[],
  { verdicts, blindness, addsConfirmed }: Judged,
  isElsewhere: boolean,
): string[] {
  const kept = new Set(after.map(serverKey));
  const serving = after.filter(isServing).map(serverKey);
  const lost = before
    .filter(isServing)
    .map(serverKey)
    .filter((key) => !serving.includes(key));
  for (const key of lost) {
    const verdict = verdicts[key];
    if (blindness !== null) throw new Violation('no-sight', `${key} goes, and ${blindness}`);
    if (verdict === undefined || verdict.evidence === 'none')
      throw new Violation('no-evidence', `${key} goes, and nothing said so`);
    if (!kept.has(key) && !verdict.isOver)
      throw new Violation('undrained', `${key} is deleted without a drain (${verdict.evidence})`);
  }
  const unproven = lost.filter((key) => verdicts[key]?.isProven !== true);
  if (unproven.length > 0 && serving.length === 0)
    throw new Violation('emptied', `nothing is left, and nobody proved that ${unproven.join()} ended`);
  // Proof that it is terminating does not say that it serves no more.
  const last = lost.filter((key) => {
    const verdict = verdicts[key];
    return verdict?.evidence === 'terminating' && verdict.isServing && !verdict.isOver;
  });
  if (last.length > 0 && !serving.some((key) => verdicts[key]?.isReady === true))
    throw new Violation('last-serving', `${last.join()} still serve, and nobody else does`);
  const chosen = unproven.filter((key) => verdicts[key]?.evidence !== 'terminating');
  if (chosen.length > 0 && !addsConfirmed && !isElsewhere)
    throw new Violation('unconfirmed-add', `${chosen.join()} goes before every worker has what was added`);
  return chosen;
}

function checkDeleted(
  before: readonly Server[],
  after: readonly Server[],
  { verdicts, blindness }: Judged,
  isElsewhere: boolean,
): void {
  const kept = new Set(after.map(serverKey));
  for (const server of before) {
    const key = serverKey(server);
    if (server.state !== 'drain' || kept.has(key)) continue;
    const verdict = verdicts[key];
    if (blindness !== null) throw new Violation('no-sight', `${key} is deleted, and ${blindness}`);
    if (isElsewhere || verdict?.isOver === true) continue;
    if (verdict?.isListed === true) throw new Violation('deleted-present', `${key} is deleted, and a slice has it`);
    if (verdict?.hadGrace !== true)
      throw new Violation('no-grace', `${key} is deleted before every worker had its drain for the grace`);
  }
}

/** Removals that nobody proved add up within the window. */
function shrunk(
  { guards }: WorldSpec,
  process: ProcessState | undefined,
  { write, judged }: Arrival,
  chosen: readonly string[],
): Readonly<Record<string, number>> {
  const serving = write.servers.filter(isServing).map((server) => placeOf(write, serverKey(server)));
  const recent = Object.entries(process?.losses ?? {}).filter(
    ([place, at]) => judged.at - at < windowMs && !serving.includes(place),
  );
  const losses = {
    ...Object.fromEntries(recent),
    ...Object.fromEntries(chosen.map((key) => [placeOf(write, key), judged.at])),
  };
  const count = Object.keys(losses).filter((place) => place.startsWith(placeOf(write, ''))).length;
  const isLarge = count > guards.alwaysAllowed && count / (count + serving.length) > guards.maxShrinkRatio;
  if (chosen.length > 0 && isLarge)
    throw new Violation('shrunk', `${count} of ${count + serving.length} servers go within the window`);
  return write.servers.length === 0 ? {} : losses;
}

const placeOf = ({ gateway, upstream }: Write, key: string): string => `${gateway} ${upstream} ${key}`;
