import {
  type GatewayFailure,
  generationOf,
  initialState,
  type NodeChange,
  type PodProof,
  shardGet,
  step,
  type SyncConfig,
  type SyncEffect,
  type SyncEvent,
  syncGuards,
  syncRules,
  type SyncState,
  syncTimings,
  type UpstreamState,
} from '../../../src/k8s-sync/core/index.js';
import { digestOf, type EndpointSliceRecord, type Server, serverKey } from '../../../src/members/index.js';

/** Pods are called by one letter, which is their UID too. `ended` is terminating and no longer serving. */
export type Condition = 'ready' | 'not-ready' | 'terminating' | 'ended';
export type Pods = Readonly<Record<string, Condition>>;

export const upstream = 'shop.http';

export const configOf = (change: Partial<SyncConfig> = {}): SyncConfig => ({
  cluster: 'bc-a',
  source: 'k8s.bc.bc-a',
  writer: 'me',
  gateways: ['g1'],
  weight: 100,
  timings: syncTimings,
  guards: syncGuards,
  rules: syncRules,
  ...change,
});

/** `a` stands at 10.0.0.1, `b` at 10.0.0.2; `b@a` is a pod with UID `b` at the address of `a`. */
export function addressOf(pod: string): { readonly uid: string; readonly ip: string } {
  const [uid = '', at = uid] = pod.split('@');
  return { uid, ip: `10.0.0.${at.charCodeAt(0) - 96}` };
}

interface SliceOptions {
  readonly app?: string;
  readonly color?: string;
  readonly port?: number;
  readonly doubt?: string;
  readonly key?: string;
  readonly version?: number;
}

export function sliceOf(
  pods: Pods,
  { app = 'shop', color = 'stable', port = 8030, doubt }: SliceOptions = {},
): EndpointSliceRecord {
  return {
    namespace: 'default',
    service: color === 'stable' ? app : `${app}-${color}`,
    app,
    color,
    sc: '',
    ports: [{ role: 'http', port, ...(doubt === undefined ? {} : { doubt }) }],
    endpoints: Object.entries(pods).map(([pod, condition]) => ({
      ...addressOf(pod),
      pod: `pod-${addressOf(pod).uid}`,
      node: `node-${addressOf(pod).uid}`,
      zone: 'z1',
      ready: condition === 'ready',
      serving: condition === 'ready' || condition === 'terminating',
      terminating: condition === 'terminating' || condition === 'ended',
    })),
  };
}

/** `a`, `b drain`: what a gateway has, or gets. */
export function serversOf(text: string, color = 'stable'): Server[] {
  return text
    .split(', ')
    .filter((part) => part !== '')
    .map((part) => {
      const [pod = '', state = 'up'] = part.split(' ');
      const labels = { color: pod.includes('/') ? pod.slice(pod.indexOf('/') + 1) : color };
      const server = { ...addressOf(pod.split('/')[0]!), port: 8030, weight: 100, zone: 'z1', labels };
      return { ...server, state: state === 'drain' ? 'drain' : 'up' };
    });
}

export const keyOf = (pod: string): string => serverKey({ ...addressOf(pod), port: 8030 });

export function textOf(servers: readonly Server[]): string {
  return servers
    .map(({ ip, uid, state, labels }) => {
      const at = String.fromCharCode(96 + Number(ip.split('.')[3]));
      const color = labels['color'] === 'stable' ? '' : `/${labels['color']}`;
      return `${uid}${at === uid ? '' : `@${at}`}${color}${state === 'up' ? '' : ` ${state}`}`;
    })
    .sort()
    .join(', ');
}

export function failure(code: string, change: Partial<GatewayFailure> = {}): GatewayFailure {
  const base = { retryable: true, uncertain: false, retryAfterMs: 0, message: 'as told', presentEpoch: 0 };
  return { code, ...base, ...change };
}

type EffectOf<T extends SyncEffect['type']> = Extract<SyncEffect, { type: T }>;

/** Plays events to the core, one after the other. What comes of them is told in short texts; timers are not. */
export class Play {
  state: SyncState;
  now = 1_000_000;
  /** Every effect so far. */
  readonly effects: SyncEffect[] = [];
  #version = 100;
  #beatAt = 0;
  readonly #revisions = new Map<string, number>();

  constructor(config: Partial<SyncConfig> = {}) {
    this.state = initialState(configOf(config));
  }

  /** Leads, sees these pods of one Service, and every gateway has the ready ones, confirmed. */
  static live(pods: Pods, config: Partial<SyncConfig> = {}): Play {
    const play = new Play(config);
    play.list({ [upstream]: sliceOf(pods) });
    play.beat();
    play.lead(1);
    const ready = Object.entries(pods).filter(([, condition]) => condition === 'ready');
    for (const gateway of play.state.config.gateways) play.claimed(gateway, ready.map(([pod]) => pod).join(', '));
    play.confirmAll();
    return play;
  }

  take(event: SyncEvent, afterMs = 0): string[] {
    this.now += afterMs;
    const { state, effects } = step(this.state, event, this.now);
    this.state = state;
    this.effects.push(...effects);
    return effects.flatMap(tell);
  }

  /** So much time passes, with a heartbeat every 2 s. */
  pass(ms: number): string[] {
    const told: string[] = [];
    const until = this.now + ms;
    while (this.#beatAt + 2000 <= until) {
      told.push(...this.wait(Math.max(0, this.#beatAt + 2000 - this.now)), ...this.beat());
    }
    return [...told, ...this.wait(until - this.now)];
  }

  /** So much time passes, and nothing comes but timers. */
  wait(ms: number): string[] {
    const until = this.now + ms;
    const told: string[] = [];
    for (;;) {
      const due = this.timers().find(({ at }) => at <= until);
      if (due === undefined) break;
      this.now = Math.max(this.now, due.at);
      this.#fired.add(due);
      told.push(...this.take({ type: 'timer', name: due.name }));
    }
    this.now = until;
    return told;
  }

  readonly #fired = new Set<EffectOf<'timer'>>();

  /** Those that wait, the earliest first. */
  timers(): EffectOf<'timer'>[] {
    const last = new Map<string, EffectOf<'timer'>>();
    for (const effect of this.effects) if (effect.type === 'timer') last.set(effect.name, effect);
    return [...last.values()].filter((timer) => !this.#fired.has(timer)).sort((a, b) => a.at - b.at);
  }

  /** A heartbeat with the next resource version. */
  beat(version = ++this.#version, afterMs = 0): string[] {
    this.#version = version;
    this.#beatAt = this.now + afterMs;
    return this.take({ type: 'heartbeat', resourceVersion: String(version) }, afterMs);
  }

  lead(epoch: number): string[] {
    return this.take({ type: 'leading', epoch });
  }

  /** A complete list, and the watch is open. */
  list(slices: Readonly<Record<string, EndpointSliceRecord>>, version = ++this.#version): string[] {
    const list = { kind: 'replaced', slices, resourceVersion: String(version) } as const;
    return this.take({ type: 'slices', changes: [list, { kind: 'connected' }] });
  }

  /** The slice of the app now holds these pods. */
  see(pods: Pods, afterMs = 0, { key = upstream, version = ++this.#version, ...of }: SliceOptions = {}): string[] {
    const resourceVersion = String(version);
    return this.take(
      { type: 'slices', changes: [{ kind: 'upserted', key, slice: sliceOf(pods, of), resourceVersion }] },
      afterMs,
    );
  }

  /** The nodes of these pods are all there are: `ready`, or not ready since so many seconds of the cluster's time. */
  nodes(pods: Readonly<Record<string, 'ready' | number>>): string[] {
    const nodes = Object.entries(pods).map(([pod, since]) => {
      const record = since === 'ready' ? { ready: true, since: 0 } : { ready: false, since: since * 1000 };
      return [`node-${pod}`, record] as const;
    });
    return this.nodesChange({ kind: 'replaced', nodes: Object.fromEntries(nodes) });
  }

  nodesChange(change: NodeChange, afterMs = 0): string[] {
    return this.take({ type: 'nodes', changes: [change] }, afterMs);
  }

  breakWatch(afterMs = 0): string[] {
    return this.take({ type: 'slices', changes: [{ kind: 'disconnected', reason: 'reset' }] }, afterMs);
  }

  reconnect(afterMs = 0): string[] {
    return this.take({ type: 'slices', changes: [{ kind: 'connected' }] }, afterMs);
  }

  /** A gateway grants the claim and says what it has. */
  claimed(gateway: string, servers: string, { storeId = 'store-1', revision = 10 } = {}): string[] {
    const generation = generationOf(this.state.epoch ?? 0, 0);
    const told = this.take({ type: 'claimed', gateway, generation, storeId });
    return [...told, ...this.has(gateway, servers, { revision })];
  }

  claimRefused(code: string, change: Partial<GatewayFailure> = {}, gateway = 'g1'): string[] {
    const generation = generationOf(this.state.epoch ?? 0, 0);
    return this.take({ type: 'claim-failed', gateway, generation, failure: failure(code, change) });
  }

  /** Another store counts from its own beginning. */
  startRevisionsAt(gateway: string, revision: number): void {
    this.#revisions.set(gateway, revision);
  }

  /** The answer to a look at all upstreams: the last that was asked for, unless another is named. */
  has(gateway: string, servers: string, { revision = 10, look = this.look(gateway) } = {}): string[] {
    this.#revisions.set(gateway, Math.max(revision, this.#revisions.get(gateway) ?? 0));
    const sources = servers === '' ? [] : [{ upstream, servers: serversOf(servers), revision }];
    return this.take({ type: 'sources', gateway, look, sources });
  }

  /** The answer to the last look at one upstream. */
  read(gateway: string, servers: string, revision = servers === '' ? 0 : 10): string[] {
    const look = this.look(gateway);
    this.#revisions.set(gateway, Math.max(revision, this.#revisions.get(gateway) ?? 0));
    return this.take({ type: 'read', gateway, upstream, look, servers: serversOf(servers), revision });
  }

  /** The number of the last look that was asked for. */
  look(gateway: string): number {
    const looks = this.effects.filter(({ type }) => type === 'read' || type === 'read-sources');
    const last = looks.findLast((effect) => 'gateway' in effect && effect.gateway === gateway);
    if (last === undefined || !('look' in last)) throw new Error(`${gateway} was not looked at`);
    return last.look;
  }

  /** The write under way at a gateway is accepted. */
  written(
    gateway = 'g1',
    afterMs = 0,
    {
      storeId = 'store-1',
      changed = true,
      digest = digestOf(this.inFlight(gateway).servers),
    }: { readonly storeId?: string; readonly changed?: boolean; readonly digest?: string } = {},
  ): string[] {
    const { generation } = this.inFlight(gateway);
    const revision = (this.#revisions.get(gateway) ?? 10) + (changed ? 1 : 0);
    this.#revisions.set(gateway, revision);
    return this.take({ type: 'written', gateway, upstream, generation, storeId, revision, digest, changed }, afterMs);
  }

  refused(code: string, gateway = 'g1', change: Partial<GatewayFailure> = {}): string[] {
    const { generation } = this.inFlight(gateway);
    return this.take({ type: 'write-failed', gateway, upstream, generation, failure: failure(code, change) });
  }

  /** Every worker has what was asked for last. */
  confirmed(gateway = 'g1', revision = this.asked(gateway), afterMs = 0, storeId = 'store-1'): string[] {
    return this.take({ type: 'confirmed', gateway, storeId, revision, applied: true, lagging: [] }, afterMs);
  }

  confirmFailed(gateway = 'g1'): string[] {
    return this.take({ type: 'confirm-failed', gateway, failure: failure('TIMEOUT') });
  }

  proof(pods: Readonly<Record<string, PodProof>>, servicesGone: readonly string[] = [], afterMs = 0): string[] {
    const proofs = Object.fromEntries(Object.entries(pods).map(([pod, proof]) => [keyOf(pod), proof]));
    return this.take({ type: 'proof', upstream, pods: proofs, servicesGone }, afterMs);
  }

  /** Accepts and confirms every write until there is none; the texts of what was written meanwhile. */
  confirmAll(): string[] {
    const told: string[] = [];
    for (let busy = true; busy;) {
      busy = false;
      for (const gateway of this.state.config.gateways) {
        const { inFlight, unconfirmed = [] } = this.entry?.placed[gateway] ?? {};
        if (inFlight != null) told.push(...this.written(gateway));
        else if (unconfirmed.length > 0) told.push(...this.confirmed(gateway));
        else continue;
        busy = true;
      }
    }
    return told.filter((text) => text.startsWith('write'));
  }

  get entry(): UpstreamState | undefined {
    return shardGet(this.state.upstreams, upstream);
  }

  inFlight(gateway = 'g1'): EffectOf<'write'> {
    const writes = this.effects.filter((effect) => effect.type === 'write' && effect.gateway === gateway);
    const last = writes.at(-1);
    if (last?.type !== 'write') throw new Error(`no write was sent to ${gateway}`);
    return last;
  }

  /** The revision that a gateway was asked to confirm last. */
  asked(gateway = 'g1'): number {
    const asks = this.effects.filter((effect) => effect.type === 'confirm' && effect.gateway === gateway);
    const last = asks.at(-1);
    if (last?.type !== 'confirm') throw new Error(`${gateway} was not asked to confirm anything`);
    return last.revision;
  }

  /** What the core believes a gateway to have. */
  believed(gateway = 'g1'): string {
    return textOf(this.entry?.placed[gateway]?.servers ?? []);
  }

  get holds(): string[] {
    return Object.entries(this.entry?.holds ?? {}).map(([group, { guard, servers }]) => {
      return `${group} ${guard}: ${servers.map((key) => key.split('|')[1]).join(', ')}`;
    });
  }
}

function tell(effect: SyncEffect): string[] {
  switch (effect.type) {
    case 'write':
      return [
        `write ${effect.gateway}${whereOf(effect)}: ${textOf(effect.servers)}${effect.force === null ? '' : ' (forced)'}`,
      ];
    case 'claim':
      return [
        `claim ${effect.gateway} ${effect.generation === generationOf(Number(BigInt(effect.generation) >> 32n), 0) ? BigInt(effect.generation) >> 32n : effect.generation}`,
      ];
    case 'read-sources':
    case 'read':
      return [`${effect.type} ${effect.gateway}`];
    case 'confirm':
      return [`confirm ${effect.gateway} ${effect.revision}`];
    case 'prove':
      return [
        `prove ${Object.values(effect.pods)
          .map(({ uid }) => uid)
          .join(', ')}`,
      ];
    case 'relist':
      return ['relist'];
    case 'renew-epoch':
      return [`renew-epoch above ${effect.above}`];
    case 'phase':
      return [`${effect.from} -> ${effect.to}`];
    case 'count-guard':
      return [`${effect.guard} guard: ${effect.servers.map((key) => key.split('|')[1]).join(', ')}`];
    case 'nodes-lost':
      return [`nodes lost: ${effect.nodes.join(', ')}`];
    case 'timer':
    case 'count-write':
    case 'propagated':
      return [];
  }
}

const whereOf = (effect: { readonly upstream: string }): string =>
  effect.upstream === upstream ? '' : ` ${effect.upstream}`;
