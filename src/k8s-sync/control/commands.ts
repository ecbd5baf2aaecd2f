import * as v from 'valibot';
import { YouzanKubeError } from '../../conventions/index.js';
import type { SyncPhase } from '../core/index.js';
import type { K8sSync, KeptOrder, TrafficSet } from '../k8s-sync.js';
import type { SyncPlan } from '../plan.js';
import { fault } from './fault.js';

/** How a cluster stands after a command. */
export interface Steered {
  readonly cluster: string;
  readonly phase: SyncPhase;
  /** A process that does not lead writes nothing: tell the one that leads, too. */
  readonly leader: boolean;
  readonly frozenByOperator: boolean;
  /** Where an order, or that there is none any more, is kept; null for what is none. */
  readonly kept: KeptOrder['kept'] | null;
  /** `ip:port` of each server that an override lets go; empty for other commands. */
  readonly released: readonly string[];
}

/** How a cluster stands after an order on its traffic. */
export interface SteeredTraffic extends Steered {
  /** What the gateways that could be asked had to change. */
  readonly changes: TrafficSet['changes'];
}

/** One request, without its HTTP. */
export interface ControlRequest {
  readonly method: string;
  readonly url: URL;
  body(): Promise<unknown>;
}

const planTimeoutMs = 30_000;

const line = (most: number) =>
  v.pipe(
    v.string('it must be a text'),
    v.trim(),
    v.nonEmpty('it must not be empty'),
    v.maxLength(most, `it must have at most ${most} characters`),
    v.regex(/^\P{Cc}*$/u, 'it must be one line without control characters'),
  );
const actor = line(200);
const reason = line(500);
const bodies = {
  freeze: v.strictObject({ actor, reason }),
  unfreeze: v.strictObject({ actor, reason: v.optional(reason) }),
  resync: v.strictObject({ actor, reason: v.optional(reason) }),
  override: v.strictObject({ actor, reason, upstream: line(253) }),
  traffic: v.strictObject({
    actor,
    reason: v.optional(reason),
    percent: v.number('it must be a number'),
    force: v.optional(v.boolean('it must be true or false')),
    dryRun: v.optional(v.boolean('it must be true or false')),
  }),
} as const;
type Verb = keyof typeof bodies;

const isVerb = (name: string): name is Verb => Object.hasOwn(bodies, name);

/** Does what an operator asks of the syncers of one process. */
export class ControlCommands {
  readonly #syncs: ReadonlyMap<string, K8sSync>;
  readonly #plans = new Map<string, Promise<SyncPlan>>();

  /** @throws YouzanKubeError `CONTROL_CLUSTERS` for two syncers of one cluster. */
  constructor(syncs: readonly K8sSync[]) {
    this.#syncs = new Map(syncs.map((sync) => [sync.cluster, sync]));
    if (this.#syncs.size < syncs.length)
      throw new YouzanKubeError('CONTROL_CLUSTERS', 'each cluster has one syncer; one of these has two');
  }

  async answer(request: ControlRequest): Promise<unknown> {
    const [version, what, cluster, command, ...more] = pathOf(request.url);
    if (version !== 'v1' || what !== 'clusters' || more.length > 0) throw unknownPath(request.url);
    if (cluster === undefined) {
      onlyBy('GET', request);
      return { clusters: [...this.#syncs.values()].map(standing) };
    }
    const sync = this.#sync(cluster);
    if (command !== undefined && isVerb(command)) {
      onlyBy('POST', request);
      return steer(sync, command, await request.body());
    }
    onlyBy('GET', request);
    switch (command) {
      case 'status':
        return sync.status();
      case 'plan':
        return this.#plan(sync);
      case 'why':
        return sync.explain(wordOf(request.url));
      default:
        throw unknownPath(request.url);
    }
  }

  #sync(cluster: string): K8sSync {
    const sync = this.#syncs.get(cluster);
    if (sync !== undefined) return sync;
    const known = [...this.#syncs.keys()].join(', ');
    throw fault('CONTROL_UNKNOWN_CLUSTER', `no cluster "${cluster}" here; this process syncs ${known}`);
  }

  /** A plan reads a whole cluster: whoever asks meanwhile gets the same. */
  #plan(sync: K8sSync): Promise<SyncPlan> {
    const running = this.#plans.get(sync.cluster);
    if (running !== undefined) return running;
    const signal = AbortSignal.timeout(planTimeoutMs);
    const plan = sync
      .plan({ signal })
      .catch((error: unknown) => {
        if (!signal.aborted) throw error;
        throw fault('CONTROL_DEADLINE', `${sync.cluster} could not be read within ${planTimeoutMs / 1000} s`);
      })
      .finally(() => this.#plans.delete(sync.cluster));
    this.#plans.set(sync.cluster, plan);
    return plan;
  }
}

const standing = (sync: K8sSync) => {
  const { cluster, state: phase, leader } = sync.metrics();
  return { cluster, phase, leader };
};

function pathOf({ pathname }: URL): string[] {
  try {
    return pathname.slice(1).split('/').map(decodeURIComponent);
  } catch {
    throw fault('CONTROL_BAD_REQUEST', 'the path is not well encoded');
  }
}

const unknownPath = ({ pathname }: URL): YouzanKubeError =>
  fault('CONTROL_UNKNOWN_PATH', `there is no ${pathname}`, { hint: 'begin with GET /v1/clusters' });

function onlyBy(method: string, request: ControlRequest): void {
  if (request.method !== method)
    throw fault('CONTROL_METHOD', `${request.url.pathname} takes ${method}, not ${request.method}`);
}

function wordOf({ searchParams }: URL): string {
  const of = v.safeParse(line(253), searchParams.get('of') ?? '');
  if (of.success) return of.output;
  throw fault('CONTROL_INVALID', 'of: name an address, a pod or an upstream: ?of=trade-core.http');
}

function parse<V extends Verb>(verb: V, body: unknown): v.InferOutput<(typeof bodies)[V]> {
  const parsed = v.safeParse(bodies[verb], body);
  if (parsed.success) return parsed.output;
  const findings = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'body'}: ${issue.message}`);
  throw fault('CONTROL_INVALID', findings.join('; '));
}

async function steer(sync: K8sSync, verb: Verb, body: unknown): Promise<Steered | SteeredTraffic> {
  let released: readonly string[] = [];
  let kept: Steered['kept'] = null;
  let changes: TrafficSet['changes'] | undefined;
  if (verb === 'override') {
    const { upstream, ...word } = parse(verb, body);
    released = heldOf(sync, upstream);
    sync.override(upstream, word);
  } else if (verb === 'resync') sync.resync(parse(verb, body));
  else if (verb === 'traffic') ({ kept, changes } = await sync.setTraffic(parse(verb, body)));
  else ({ kept } = await sync[verb](parse(verb, body)));
  const { cluster, phase, leader, frozenByOperator } = sync.status();
  const steered = { cluster, phase, leader, frozenByOperator: frozenByOperator !== null, kept, released };
  return changes === undefined ? steered : { ...steered, changes };
}

/** What an override would let go; it is refused where that is nothing, for it would mean nothing later. */
function heldOf(sync: K8sSync, name: string): readonly string[] {
  const { cluster, leader, upstreams, holds } = sync.status();
  if (!upstreams.some(({ upstream }) => upstream === name)) {
    const { near } = sync.explain(name);
    const hint = near.length === 0 ? undefined : `near ones: ${near.join(', ')}`;
    throw fault('CONTROL_UNKNOWN_UPSTREAM', `no upstream "${name}" in ${cluster}`, { hint });
  }
  const held = holds.filter(({ upstream }) => upstream === name).flatMap(({ servers }) => servers);
  if (held.length > 0) return held.map(({ address }) => address);
  const hint = leader ? undefined : 'this process does not lead: ask the one that does';
  throw fault('CONTROL_NOTHING_HELD', `no guard holds anything of ${name} in ${cluster}`, { hint });
}
