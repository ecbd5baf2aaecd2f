import type { SyncEffect, SyncEvent } from '../../../src/k8s-sync/core/index.js';
import { groupOf, isServing, type Server, serverKey } from '../../../src/members/index.js';
import type { Clock } from '../clock.js';
import type { Applied } from '../gateway/instance.js';
import { evidenceFor, isProven, isTaken } from './evidence.js';
import { Told, type View } from './told.js';

const graceMs = 1000;
const windowMs = 60_000;

/** A rule that was broken. */
export interface Violation {
  readonly invariant: string;
  readonly message: string;
}

/** The process of which the oracle keeps books. */
export interface Subject {
  readonly name: string;
  readonly source: string;
  readonly clock: Clock;
}

type Write = Extract<SyncEffect, { type: 'write' }>;

interface Emitted {
  readonly process: Subject;
  readonly view: View;
  readonly at: number;
  /** What the gateway had, and in which store, as far as the process could know. */
  readonly believed: readonly Server[];
  readonly storeId: string | undefined;
  /** Earlier writes may arrive in between: nobody can know what this one really changes. */
  readonly isUnsettled: boolean;
}

/** What a write is judged by. */
interface Judged extends Applied {
  /** It arrived in a store that the process did not know: its revisions say nothing of the former one's. */
  readonly isElsewhere: boolean;
}

/** What the oracle remembers of one source in one upstream of one store. */
interface Past {
  /** Revision of the last write that made a server serve. */
  lastAdd: number;
  /** By key: the revision at which it was drained. */
  readonly drained: Map<string, number>;
}

/**
 * Judges every write when it is sent and when it is applied, by what the process was told and by what the gateway has. It
 * knows the rules of the design and nothing of the code that follows them.
 */
export class Oracle {
  readonly #fail: (violation: Violation) => void;
  readonly #timelineNow: () => number;
  readonly #told = new Map<Subject, Told>();
  readonly #emitted = new Map<string, Emitted>();
  readonly #inFlight = new Map<string, string>();
  readonly #unsettled = new Set<string>();
  /** By place: the servers of the last write. */
  readonly #sent = new Map<string, readonly Server[]>();
  readonly #unread = new Set<string>();
  readonly #past = new Map<string, Past>();
  readonly #greatestEpoch = new Map<string, bigint>();
  /** Removals of a process's own choice, by process, place and group. */
  readonly #losses = new Map<string, { readonly at: number; readonly key: string }[]>();
  lastAppliedAt = 0;
  applied = 0;

  constructor(timelineNow: () => number, fail: (violation: Violation) => void) {
    this.#timelineNow = timelineNow;
    this.#fail = fail;
  }

  of(process: Subject): Told {
    const told = this.#told.get(process) ?? new Told();
    this.#told.set(process, told);
    return told;
  }

  /** An event that a process is about to take. */
  observe(process: Subject, event: SyncEvent): void {
    this.of(process).observe(event, process.clock.now());
    const forget = (places: { delete(place: string): boolean; keys(): Iterable<string> }, prefix: string): void => {
      for (const place of [...places.keys()]) if (place.startsWith(prefix)) places.delete(place);
    };
    if (event.type === 'leading' || event.type === 'not-leading')
      for (const places of [this.#inFlight, this.#unread, this.#unsettled]) forget(places, `${process.name} `);
    if (event.type === 'sources') forget(this.#unread, `${process.name} ${event.gateway} `);
    if (event.type === 'read') this.#unread.delete(`${process.name} ${event.gateway} ${event.upstream}`);
    if (event.type !== 'written' && event.type !== 'write-failed') return;
    const place = `${process.name} ${event.gateway} ${event.upstream}`;
    if (this.#inFlight.get(place) !== event.generation) return;
    this.#inFlight.delete(place);
    if (event.type === 'written') {
      this.#unsettled.delete(place);
      this.of(process).wrote(event.gateway, event.upstream, this.#sent.get(place) ?? []);
    } else if (event.failure.uncertain) {
      this.#unsettled.add(place);
      this.#unread.add(place);
    }
  }

  /** A write that a process sends. */
  emitted(process: Subject, write: Write): void {
    const place = `${process.name} ${write.gateway} ${write.upstream}`;
    const other = this.#inFlight.get(place);
    if (other !== undefined)
      this.#say('one-in-flight', `${place}: ${write.generation} is sent while ${other} is under way`);
    this.#inFlight.set(place, write.generation);
    if (this.#unread.has(place))
      this.#say('unread', `${place}: ${write.generation} is sent, and what became of the one before was not read`);
    const told = this.of(process);
    const view = told.view(write.upstream, process.clock.now());
    this.#sent.set(place, write.servers);
    this.#emitted.set(`${write.gateway} ${process.source} ${write.upstream} ${write.generation}`, {
      process,
      view,
      at: this.#timelineNow(),
      believed: told.content(write.gateway, write.upstream),
      storeId: told.storeOf(write.gateway),
      isUnsettled: this.#unsettled.has(place),
    });
    if (!view.isSteady) return;
    for (const server of write.servers) {
      const key = serverKey(server);
      if (view.gone.has(key) && !view.found.has(`${write.gateway} ${key}`))
        this.#say('gone-kept', `${place}: ${key} is proven gone and is kept`);
      else if (isTaken(view, server)) this.#say('taken-kept', `${place}: the address of ${key} has another pod now`);
    }
  }

  /** A write that an instance has applied. */
  wasApplied(write: Applied): void {
    const { instance, source, upstream, generation, after, revision } = write;
    this.applied += 1;
    this.lastAppliedAt = this.#timelineNow();
    const emitted = this.#emitted.get(`${instance.name} ${source} ${upstream} ${generation}`);
    const what = `${source} in ${upstream} at ${instance.storeId} (${generation})`;
    if (emitted === undefined) {
      this.#say('unknown-write', `${what}: nobody sent it`);
      return;
    }
    this.#checkEpoch(`${instance.storeId} ${source}`, BigInt(generation) >> 32n, what);
    const key = `${instance.storeId} ${source} ${upstream}`;
    const past = this.#past.get(key) ?? { lastAdd: 0, drained: new Map<string, number>() };
    this.#past.set(key, past);
    // What arrives after others, or in a store that the process does not know, is judged by what it meant to change.
    const isElsewhere = emitted.storeId !== instance.storeId;
    const before = emitted.isUnsettled || isElsewhere ? emitted.believed : write.before;
    const judged = { ...write, before, isElsewhere };
    this.#checkAdded(judged, emitted, what);
    this.#checkLost(judged, emitted, past, what);
    this.#checkDeleted(judged, emitted, past, what);
    // What begins anew from nothing has no past.
    if (after.length === 0)
      for (const place of this.#losses.keys())
        if (place.startsWith(`${emitted.process.name} ${instance.name} ${source} ${upstream} `))
          this.#losses.delete(place);
    const served = new Set(before.filter(isServing).map(serverKey));
    if (after.some((server) => isServing(server) && !served.has(serverKey(server)))) past.lastAdd = revision;
    for (const server of after) {
      if (server.state !== 'drain') past.drained.delete(serverKey(server));
      else if (!past.drained.has(serverKey(server))) past.drained.set(serverKey(server), revision);
    }
  }

  #say(invariant: string, message: string): void {
    this.#fail({ invariant, message });
  }

  /** Once a leader has written, nothing of an earlier one is applied any more. */
  #checkEpoch(place: string, epoch: bigint, what: string): void {
    const greatest = this.#greatestEpoch.get(place) ?? 0n;
    if (epoch < greatest) this.#say('fenced', `${what}: epoch ${epoch} after ${greatest}`);
    else this.#greatestEpoch.set(place, epoch);
  }

  #checkAdded({ before, after }: Judged, { view }: Emitted, what: string): void {
    const known = new Set(before.map(serverKey));
    for (const server of after) {
      const key = serverKey(server);
      if (!known.has(key) && view.members.get(key)?.ready !== true)
        this.#say('unseen-add', `${what}: ${key} (${server.state}) is added, and no slice said that it is ready`);
    }
  }

  #checkLost(judged: Judged, emitted: Emitted, past: Past, what: string): void {
    const { instance, before, after, source, upstream, isElsewhere } = judged;
    const { view, process } = emitted;
    const serving = after.filter(isServing);
    const stay = new Set(serving.map(serverKey));
    const kept = new Set(after.map(serverKey));
    const lost = before.filter((server) => isServing(server) && !stay.has(serverKey(server)));
    for (const server of lost) {
      const key = serverKey(server);
      if (view.blindness !== undefined) this.#say('no-sight', `${what}: ${key} goes, and ${view.blindness}`);
      const evidence = evidenceFor(view, server);
      if (evidence === undefined) this.#say('no-evidence', `${what}: ${key} goes, and nothing said so`);
      if (!kept.has(key) && !view.gone.has(key) && !isTaken(view, server))
        this.#say('undrained', `${what}: ${key} is deleted without a drain (${evidence})`);
    }
    for (const group of new Set(lost.map(groupOf))) {
      const unproven = lost.filter((server) => groupOf(server) === group && !isProven(view, server));
      const left = serving.filter((server) => groupOf(server) === group);
      const known = left.filter((server) => view.members.get(serverKey(server))?.ready === true);
      const text = unproven.map(serverKey).join(', ');
      if (unproven.length > 0 && left.length === 0) this.#say('emptied', `${what}: ${group} is emptied: ${text}`);
      const last = unproven.filter((server) => view.members.get(serverKey(server))?.serving === true);
      if (last.length > 0 && known.length === 0)
        this.#say('last-serving', `${what}: ${text} still serve, and nobody else of ${group} does`);
      const chosen = unproven.filter((server) => evidenceFor(view, server) !== 'terminating');
      if (chosen.length === 0) continue;
      const confirmedAt = instance.confirmedAt(past.lastAdd);
      if (!isElsewhere && (confirmedAt === undefined || confirmedAt > emitted.at))
        this.#say('unconfirmed-add', `${what}: ${text} goes before every worker has revision ${past.lastAdd}`);
      const place = `${process.name} ${instance.name} ${source} ${upstream} ${group}`;
      const recent = [
        ...(this.#losses.get(place) ?? []).filter(({ at, key }) => view.at - at < windowMs && !stay.has(key)),
        ...chosen.map((server) => ({ at: view.at, key: serverKey(server) })),
      ];
      this.#losses.set(place, recent);
      const count = new Set(recent.map(({ key }) => key)).size;
      if (count > 2 && count / (count + left.length) > 0.5)
        this.#say('shrunk', `${what}: ${count} of ${count + left.length} servers of ${group} go within a minute`);
    }
  }

  #checkDeleted({ instance, before, after, isElsewhere }: Judged, emitted: Emitted, past: Past, what: string): void {
    const { view, process } = emitted;
    const kept = new Set(after.map(serverKey));
    for (const server of before) {
      const key = serverKey(server);
      if (server.state !== 'drain' || kept.has(key)) continue;
      if (view.blindness !== undefined) this.#say('no-sight', `${what}: ${key} is deleted, and ${view.blindness}`);
      if (view.gone.has(key) || isTaken(view, server)) continue;
      if (isElsewhere) continue;
      if (view.members.has(key)) this.#say('deleted-present', `${what}: ${key} is deleted, and a slice has it`);
      const confirmedAt = instance.confirmedAt(past.drained.get(key) ?? 0);
      if (confirmedAt === undefined || confirmedAt > emitted.at)
        this.#say('unconfirmed-drain', `${what}: ${key} is deleted before every worker has drained it`);
      else if (process.clock.at(emitted.at) - process.clock.at(confirmedAt) < graceMs - 1)
        this.#say(
          'no-grace',
          `${what}: ${key} is deleted ${emitted.at - confirmedAt} ms after the drain was confirmed`,
        );
    }
  }
}
