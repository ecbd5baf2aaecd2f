import fc from 'fast-check';
import {
  epochOf,
  initialState,
  type PodProof,
  shardEntries,
  type SliceChange,
  step,
  type SyncEffect,
  type SyncEvent,
  type SyncState,
} from '../../../src/k8s-sync/core/index.js';
import { digestOf, type EndpointSliceRecord, type Server } from '../../../src/members/index.js';
import { addressOf, type Condition, configOf, failure, type Pods, sliceOf } from './play.js';

/** One thing that happens in a random history; numbers choose among what is possible. */
export type Happening =
  | { readonly kind: 'slice'; readonly key: string; readonly pods: Pods; readonly color: string; readonly app: string }
  | { readonly kind: 'repeat' | 'gone' | 'break' | 'reconnect' | 'relist' | 'old-list' | 'beat' | 'restore' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'answer'; readonly which: number; readonly outcome: Outcome }
  | { readonly kind: 'lead' | 'stop-leading' | 'freeze' | 'unfreeze' | 'resync' | 'override' }
  | { readonly kind: 'lose-store'; readonly which: number };
type Outcome = 'done' | 'refused' | 'lost-done' | 'lost';

const conditions: readonly Condition[] = ['ready', 'ready', 'ready', 'not-ready', 'terminating', 'ended'];
const podsOf = (...names: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...conditions), { maxKeys: 4 });
const ownPods = podsOf('a', 'b', 'c', 'd', 'e@a', 'f@b');
const slice = (key: string, color: string, app: string, pods: fc.Arbitrary<Pods>) =>
  fc.record({
    kind: fc.constant('slice' as const),
    key: fc.constant(key),
    color: fc.constant(color),
    app: fc.constant(app),
    pods,
  });
/** Two slices of one Service, one of another color with the same pods, one of an app whose pods take over addresses. */
const slices = fc.oneof(
  slice('one', 'stable', 'shop', ownPods),
  slice('two', 'stable', 'shop', ownPods),
  slice('three', 'gray', 'shop', ownPods),
  slice('four', 'stable', 'other', podsOf('x@a', 'y@b', 'z')),
);
const simple = <K extends string>(...kinds: K[]) => fc.record({ kind: fc.constantFrom(...kinds) });

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 8, arbitrary: slices },
  { weight: 3, arbitrary: simple('repeat', 'gone', 'break', 'reconnect', 'relist', 'old-list') },
  { weight: 8, arbitrary: simple('beat') },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(10, 300, 1000, 2000, 5000, 12_000),
    }),
  },
  {
    weight: 16,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      which: fc.nat(7),
      outcome: fc.constantFrom<Outcome>('done', 'done', 'done', 'done', 'refused', 'lost-done', 'lost'),
    }),
  },
  { weight: 1, arbitrary: simple('lead', 'stop-leading', 'freeze', 'unfreeze', 'resync', 'override', 'restore') },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose-store' as const), which: fc.nat(1) }) },
);

export const histories = fc.array(happening, { minLength: 10, maxLength: 80 });

interface Gateway {
  store: number;
  revision: number;
  claim: bigint | undefined;
  readonly servers: Map<string, readonly Server[]>;
}

type Asked = Extract<SyncEffect, { type: 'claim' | 'read-sources' | 'read' | 'write' | 'confirm' | 'prove' }>;

/** Sees each step: what was taken, and what came of it. */
export type Witness = (
  taken: { readonly event: SyncEvent; readonly now: number },
  before: SyncState,
  effects: readonly SyncEffect[],
) => void;

/** Plays a history to the core, with gateways that answer as the contract says, and hands every step to a witness. */
export class History {
  state: SyncState = initialState(configOf({ gateways: ['g1', 'g2'] }));
  now = 1000;
  readonly slices = new Map<string, EndpointSliceRecord>();
  readonly gateways = new Map<string, Gateway>();
  readonly #witness: Witness;
  readonly #timers = new Map<string, Extract<SyncEffect, { type: 'timer' }>>();
  readonly #gone = new Set<string>();
  #asked: Asked[] = [];
  #last: SliceChange | undefined;
  #version = 100;
  #epoch = 0;

  constructor(witness: Witness) {
    this.#witness = witness;
    for (const name of this.state.config.gateways)
      this.gateways.set(name, { store: 1, revision: 0, claim: undefined, servers: new Map() });
  }

  /** Lists, beats and leads, then plays. */
  playAll(happenings: readonly Happening[]): void {
    for (const kind of ['relist', 'beat', 'lead'] as const) this.play({ kind });
    for (const one of happenings) this.play(one);
  }

  /** All becomes well: whatever is asked is answered, and time passes. */
  settle(): void {
    this.play({ kind: 'unfreeze' });
    if (this.state.epoch === null) this.play({ kind: 'lead' });
    this.play({ kind: 'beat' });
    this.play({ kind: 'relist' });
    for (let round = 0; round < 100; round += 1) {
      this.play({ kind: 'beat' });
      for (let rest = 200; this.#asked.length > 0 && rest > 0; rest -= 1)
        this.play({ kind: 'answer', which: 0, outcome: 'done' });
      this.play({ kind: 'wait', ms: 2000 });
    }
  }

  play(happening: Happening): void {
    switch (happening.kind) {
      case 'slice':
        this.#slice(happening);
        break;
      case 'repeat':
        if (this.#last !== undefined) this.#take({ type: 'slices', changes: [this.#last, this.#last] });
        break;
      case 'gone':
        this.#take({ type: 'slices', changes: [{ kind: 'disconnected', reason: '410' }] });
        this.play({ kind: 'relist' });
        break;
      case 'break':
        this.#take({ type: 'slices', changes: [{ kind: 'disconnected', reason: 'reset' }] });
        break;
      case 'reconnect':
        this.#take({ type: 'slices', changes: [{ kind: 'connected' }] });
        break;
      case 'relist':
        this.#take({ type: 'slices', changes: [this.#list(this.#version), { kind: 'connected' }] });
        break;
      case 'old-list':
        this.play({ kind: 'break' });
        this.#take({ type: 'slices', changes: [this.#list(1), { kind: 'connected' }] });
        break;
      case 'beat':
      case 'restore':
        this.#version = happening.kind === 'beat' ? this.#version + 1 : 50;
        this.#take({ type: 'heartbeat', resourceVersion: String(this.#version) });
        break;
      case 'wait':
        this.#wait(happening.ms);
        break;
      case 'lead':
        this.#epoch += 1;
        this.#take({ type: 'leading', epoch: this.#epoch });
        break;
      case 'stop-leading':
        this.#take({ type: 'not-leading' });
        break;
      case 'override':
        for (const [upstream] of shardEntries(this.state.upstreams))
          this.#take({ type: 'override', upstream, reason: 'a test', actor: 'me' });
        break;
      case 'freeze':
      case 'unfreeze':
      case 'resync':
        this.#take({ type: happening.kind });
        break;
      case 'lose-store':
        this.#loseStore(happening.which);
        break;
      case 'answer':
        this.#answer(happening.which, happening.outcome);
        break;
    }
  }

  #take(event: SyncEvent): void {
    const before = this.state;
    const { state, effects } = step(before, event, this.now);
    this.state = state;
    this.#witness({ event, now: this.now }, before, effects);
    for (const effect of effects) {
      if (effect.type === 'timer') this.#timers.set(effect.name, effect);
      else if (isAsked(effect)) this.#asked.push(effect);
    }
    if (effects.some(({ type }) => type === 'relist')) this.play({ kind: 'relist' });
    const fenced = effects.find((effect) => effect.type === 'renew-epoch');
    if (fenced === undefined) return;
    this.#epoch = Math.max(this.#epoch, fenced.above);
    this.play({ kind: 'stop-leading' });
    this.play({ kind: 'lead' });
  }

  /** A pod that was proven gone never comes back. */
  #slice({ key, pods: all, ...of }: Extract<Happening, { kind: 'slice' }>): void {
    const living = Object.entries(all).filter(([pod]) => !this.#gone.has(addressOf(pod).uid));
    const slice = sliceOf(Object.fromEntries(living), of);
    this.slices.set(key, slice);
    this.#version += 1;
    this.#last = { kind: 'upserted', key, slice, resourceVersion: String(this.#version) };
    this.#take({ type: 'slices', changes: [this.#last] });
  }

  #list(version: number): SliceChange {
    return { kind: 'replaced', slices: Object.fromEntries(this.slices), resourceVersion: String(version) };
  }

  #wait(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const due = [...this.#timers.values()].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due.name);
      this.now = Math.max(this.now, due.at);
      this.#take({ type: 'timer', name: due.name });
    }
    this.now = until;
  }

  #loseStore(which: number): void {
    const gateway = [...this.gateways.values()][which];
    if (gateway === undefined) return;
    gateway.store += 1;
    gateway.revision = 0;
    gateway.claim = undefined;
    gateway.servers.clear();
  }

  #answer(which: number, outcome: Outcome): void {
    const asked = this.#asked[which % Math.max(1, this.#asked.length)];
    if (asked === undefined) return;
    this.#asked = this.#asked.filter((one) => one !== asked);
    const done = outcome === 'done' || outcome === 'lost-done' ? this.#do(asked) : undefined;
    if (outcome === 'done' && done !== undefined) this.#take(done);
    else this.#take(failed(asked, outcome === 'refused' ? 'STORE_UNAVAILABLE' : 'TIMEOUT'));
  }

  /** What the gateway, or the cluster, says. */
  #do(asked: Asked): SyncEvent {
    if (asked.type === 'prove') {
      const alive = new Set([...this.slices.values()].flatMap(({ endpoints }) => endpoints.map(({ uid }) => uid)));
      const proofs = Object.entries(asked.pods).map(([key, { uid }]): [string, PodProof] => {
        if (!alive.has(uid)) this.#gone.add(uid);
        return [key, alive.has(uid) ? 'alive' : 'gone'];
      });
      return { type: 'proof', upstream: asked.upstream, pods: Object.fromEntries(proofs), servicesGone: [] };
    }
    const { gateway: name } = asked;
    const gateway = this.gateways.get(name);
    if (gateway === undefined) throw new Error(`there is no ${name}`);
    const storeId = `${name}/${gateway.store}`;
    switch (asked.type) {
      case 'claim':
        if (gateway.claim !== undefined && BigInt(asked.generation) < gateway.claim)
          return failed(asked, 'STALE_GENERATION');
        gateway.claim = BigInt(asked.generation);
        return { type: 'claimed', gateway: name, generation: asked.generation, storeId };
      case 'read-sources': {
        const { revision } = gateway;
        const sources = [...gateway.servers].map(([upstream, servers]) => ({ upstream, servers, revision }));
        return { type: 'sources', gateway: name, look: asked.look, sources };
      }
      case 'read': {
        const { upstream, look } = asked;
        return {
          type: 'read',
          gateway: name,
          upstream,
          look,
          servers: gateway.servers.get(upstream) ?? [],
          revision: gateway.revision,
        };
      }
      case 'confirm': {
        const applied = asked.revision <= gateway.revision;
        return { type: 'confirmed', gateway: name, storeId, revision: asked.revision, applied, lagging: [] };
      }
      case 'write': {
        const { upstream, generation, servers } = asked;
        if (gateway.claim === undefined) return failed(asked, 'UNCLAIMED');
        if (BigInt(generation) < gateway.claim) return failed(asked, 'STALE_GENERATION');
        const changed = digestOf(gateway.servers.get(upstream) ?? []) !== digestOf(servers);
        if (changed) gateway.revision += 1;
        gateway.servers.set(upstream, servers);
        const { revision } = gateway;
        return {
          type: 'written',
          gateway: name,
          upstream,
          generation,
          storeId,
          revision,
          digest: digestOf(servers),
          changed,
        };
      }
    }
  }
}

const isAsked = (effect: SyncEffect): effect is Asked =>
  ['claim', 'read-sources', 'read', 'write', 'confirm', 'prove'].includes(effect.type);

function failed(asked: Asked, code: string): SyncEvent {
  if (asked.type === 'prove') return { type: 'proof-failed', upstream: asked.upstream, reason: code };
  const { gateway } = asked;
  const of = failure(code, {
    uncertain: code === 'TIMEOUT',
    presentEpoch: asked.type === 'claim' ? epochOf(asked.generation) : 0,
  });
  switch (asked.type) {
    case 'claim':
      return { type: 'claim-failed', gateway, generation: asked.generation, failure: of };
    case 'read-sources':
      return { type: 'sources-failed', gateway, look: asked.look, failure: of };
    case 'read':
      return { type: 'read-failed', gateway, upstream: asked.upstream, look: asked.look, failure: of };
    case 'write':
      return { type: 'write-failed', gateway, upstream: asked.upstream, generation: asked.generation, failure: of };
    case 'confirm':
      return { type: 'confirm-failed', gateway, failure: of };
  }
}
