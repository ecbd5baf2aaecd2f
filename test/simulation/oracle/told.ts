import type { SliceChange, SyncEvent } from '../../../src/k8s-sync/core/index.js';
import { type EndpointSliceRecord, type Server, serverKey } from '../../../src/members/index.js';
import type { StreamWitness } from '../process/reflector.js';

const suspectMs = 4500;
const frozenMs = 10_000;
const overrideMs = 30_000;
const beatsToSteady = 3;

/** What the cluster said last of one `ip:port|uid` in one upstream. */
export interface Condition {
  readonly service: string;
  readonly ip: string;
  readonly uid: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

/** What a process may rely on at one moment, for one upstream. */
export interface View {
  readonly at: number;
  /** Why the cluster can't be seen; undefined when it can. */
  readonly blindness: string | undefined;
  /** It has been so for a while: long enough for whoever is more careful than need be. */
  readonly isSteady: boolean;
  readonly members: ReadonlyMap<string, Condition>;
  /** By key: since when no slice has it, and what was said of it last. */
  readonly absent: ReadonlyMap<string, { readonly since: number; readonly last: Condition }>;
  /** Since when a key that no slice ever had is known to be in none. */
  readonly listedAt: number;
  /** Pods that no consistent look found alive any more. */
  readonly ended: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
  /** `gateway key`: found there after the last proof; what no gateway seemed to have may have been forgotten. */
  readonly found: ReadonlySet<string>;
  readonly servicesGone: ReadonlySet<string>;
  /** By `ip:port`: the pods, of any app, that stand there and are not terminating. */
  readonly holders: ReadonlyMap<string, readonly Condition[]>;
  readonly isOverridden: boolean;
}

/**
 * Takes down what one process was told, in the plainest way: no index, no phase, nothing of the core's. From it follows
 * what the process may do.
 */
export class Told implements StreamWitness {
  readonly #slices = new Map<string, EndpointSliceRecord>();
  readonly #absent = new Map<string, Map<string, { readonly since: number; readonly last: Condition }>>();
  readonly #ended = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #found = new Set<string>();
  readonly #servicesGone = new Map<string, ReadonlySet<string>>();
  readonly #overriddenAt = new Map<string, number>();
  /** By `gateway upstream`: what the gateway said last that it has. */
  readonly #contents = new Map<string, readonly Server[]>();
  readonly #stores = new Map<string, string>();
  #heartbeatAt: number | undefined;
  #heartbeatVersion = 0;
  #version = 0;
  /** The version that the slices had at the last heartbeat, before the next one was sent. */
  #vouchedVersion = 0;
  #isOpen = false;
  #owed = 0;
  #needsList = true;
  #isFrozen = false;
  #listedAt = Infinity;
  /** Heartbeats since sight was last lost. */
  #steadyBeats = 0;

  resuming(): void {
    if (!this.#isOpen) this.#owed = Infinity;
  }

  resumed(owed: number): void {
    if (this.#owed === Infinity) this.#owed = owed;
  }

  delivered(entries: number): void {
    this.#owed = Math.max(0, this.#owed - entries);
  }

  observe(event: SyncEvent, now: number): void {
    switch (event.type) {
      case 'heartbeat':
        this.#heartbeat(Number(event.resourceVersion), event.lostWrite === true, now);
        break;
      case 'slices':
        this.#takeSlices(event, now);
        break;
      case 'proof':
        for (const [key, proof] of Object.entries(event.pods)) {
          if (proof !== 'alive') this.#ended.add(key);
          if (proof === 'gone') this.#gone.add(key);
          for (const found of this.#found) if (found.endsWith(` ${key}`)) this.#found.delete(found);
        }
        this.#servicesGone.set(event.upstream, new Set(event.servicesGone));
        break;
      case 'resync':
        this.#steadyBeats = 0;
        break;
      case 'sources':
        for (const place of this.#contents.keys())
          if (place.startsWith(`${event.gateway} `)) this.#contents.delete(place);
        for (const { upstream, servers } of event.sources) {
          this.#contents.set(`${event.gateway} ${upstream}`, servers);
          for (const server of servers) this.#found.add(`${event.gateway} ${serverKey(server)}`);
        }
        break;
      case 'claimed':
        this.#stores.set(event.gateway, event.storeId);
        break;
      case 'written':
        this.#stores.set(event.gateway, event.storeId);
        break;
      case 'read':
        this.#contents.set(`${event.gateway} ${event.upstream}`, event.servers);
        break;
      case 'override':
        this.#overriddenAt.set(event.upstream, now);
        break;
      case 'freeze':
      case 'unfreeze':
        this.#isFrozen = event.type === 'freeze';
        this.#steadyBeats = 0;
        break;
    }
  }

  /** A write that was answered says what the gateway has. */
  wrote(gateway: string, upstream: string, servers: readonly Server[]): void {
    this.#contents.set(`${gateway} ${upstream}`, servers);
  }

  /** The store that a gateway had last, as far as it was told. */
  storeOf(gateway: string): string | undefined {
    return this.#stores.get(gateway);
  }

  content(gateway: string, upstream: string): readonly Server[] {
    return this.#contents.get(`${gateway} ${upstream}`) ?? [];
  }

  view(upstream: string, now: number): View {
    const holders = new Map<string, Condition[]>();
    for (const { key, condition } of this.#all()) {
      const address = key.slice(0, key.indexOf('|'));
      if (!condition.terminating) holders.set(address, [...(holders.get(address) ?? []), condition]);
    }
    const blindness = this.#blindness(now);
    return {
      at: now,
      blindness,
      isSteady: blindness === undefined && this.#steadyBeats >= beatsToSteady,
      members: this.#membersOf(upstream),
      absent: new Map(this.#absent.get(upstream)),
      listedAt: this.#listedAt,
      ended: new Set(this.#ended),
      gone: new Set(this.#gone),
      found: new Set(this.#found),
      servicesGone: this.#servicesGone.get(upstream) ?? new Set(),
      holders,
      isOverridden: now - (this.#overriddenAt.get(upstream) ?? -Infinity) < overrideMs,
    };
  }

  #blindness(now: number): string | undefined {
    const sinceMs = now - (this.#heartbeatAt ?? -Infinity);
    if (sinceMs >= suspectMs) return `no heartbeat for ${sinceMs} ms`;
    if (!this.#isOpen) return 'the watch is broken';
    if (this.#owed > 0) return `the watch owes ${this.#owed} entries`;
    if (this.#needsList) return 'there was no complete list since sight was lost';
    return this.#isFrozen ? 'an operator froze it' : undefined;
  }

  #heartbeat(version: number, lostWrite: boolean, now: number): void {
    const isFirst = this.#heartbeatAt === undefined;
    const wasRestored =
      lostWrite || version < this.#heartbeatVersion || version < (isFirst ? this.#version : this.#vouchedVersion);
    if (wasRestored) {
      // Everything that was known may have been undone.
      this.#version = 0;
      this.#ended.clear();
      this.#gone.clear();
      this.#servicesGone.clear();
    }
    const gapMs = now - (this.#heartbeatAt ?? -Infinity);
    this.#steadyBeats = wasRestored || gapMs >= suspectMs ? 0 : this.#steadyBeats + 1;
    if (wasRestored || (gapMs >= frozenMs && gapMs < Infinity)) this.#needsList = true;
    this.#heartbeatAt = now;
    this.#heartbeatVersion = version;
    this.#vouchedVersion = this.#version;
  }

  #takeSlices({ changes }: Extract<SyncEvent, { type: 'slices' }>, now: number): void {
    const before = [...this.#all()];
    for (const change of changes) this.#take(change, now);
    const present = new Set([...this.#all()].map(({ upstream, key }) => `${upstream} ${key}`));
    for (const { upstream, key, condition } of before) {
      if (present.has(`${upstream} ${key}`)) continue;
      const absent = this.#absent.get(upstream) ?? new Map<string, { since: number; last: Condition }>();
      this.#absent.set(upstream, absent);
      if (!absent.has(key)) absent.set(key, { since: now, last: condition });
    }
    for (const { upstream, key } of this.#all()) this.#absent.get(upstream)?.delete(key);
  }

  #take(change: SliceChange, now: number): void {
    if (change.kind === 'connected' || change.kind === 'disconnected') {
      if (!this.#isOpen || change.kind === 'disconnected') this.#steadyBeats = 0;
      this.#isOpen = change.kind === 'connected';
      return;
    }
    const version = Number(change.resourceVersion);
    if (change.kind === 'replaced' && version < this.#version) {
      // A lagging server's list: what was seen before is newer, and the watch will tell again what is known.
      this.#owed = Infinity;
      this.#steadyBeats = 0;
    } else if (change.kind === 'replaced') {
      this.#slices.clear();
      for (const [key, slice] of Object.entries(change.slices)) this.#slices.set(key, slice);
      this.#owed = 0;
      this.#needsList = false;
      this.#listedAt = Math.min(this.#listedAt, now);
    } else if (version <= this.#version) return;
    else if (change.kind === 'removed') this.#slices.delete(change.key);
    else this.#slices.set(change.key, change.slice);
    this.#version = Math.max(this.#version, version);
  }

  *#all(): Generator<{ readonly upstream: string; readonly key: string; readonly condition: Condition }> {
    for (const { namespace, service, app, ports, endpoints } of this.#slices.values()) {
      for (const { role, port } of ports) {
        for (const { ip, uid, ready, serving, terminating } of endpoints) {
          const condition = { service: `${namespace}/${service}`, ip, uid, ready, serving, terminating };
          yield { upstream: `${app}.${role}`, key: `${ip}:${port}|${uid}`, condition };
        }
      }
    }
  }

  /** A ready copy of an endpoint wins over one that is not, while it moves between slices. */
  #membersOf(upstream: string): Map<string, Condition> {
    const members = new Map<string, Condition>();
    for (const { upstream: name, key, condition } of this.#all())
      if (name === upstream && members.get(key)?.ready !== true) members.set(key, condition);
    return members;
  }
}
