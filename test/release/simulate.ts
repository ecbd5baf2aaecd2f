import type { Published } from '../../src/publish/index.js';
import {
  initialRelease,
  planRelease,
  type ReleaseEffect,
  type ReleaseInput,
  type ReleasePolicy,
  type ReleaseRules,
  type ReleaseState,
  type Sight,
  stepRelease,
} from '../../src/release/index.js';
import { app, bundle } from './bundle.js';

export const policy: ReleasePolicy = {
  minSuccessTimeMs: 1000,
  progressDeadlineMs: 10_000,
  publishDeadlineMs: 3000,
  maxFailures: 0,
  maxConcurrency: 1,
};

export interface Place {
  readonly cluster: string;
  readonly idc: string;
}

export function begin(
  places: readonly Place[],
  change: Partial<ReleasePolicy> = {},
  rules: Partial<ReleaseRules> = {},
): ReleaseState {
  const bundles = places.map(({ cluster, idc }) => bundle(cluster, '2.0.0', { idc, minReadySeconds: 5 }));
  const plan = planRelease({ app, version: '2.0.0', bundles, policy: { ...policy, ...change } });
  return initialRelease(plan, { publishBeforeNext: true, gate: true, ...rules });
}

const server = (uid: string) => ({
  upstream: 'trade-core.http',
  color: 'stable',
  sc: '',
  ip: '10.0.0.1',
  port: 8030,
  uid,
  pod: `pod-${uid}`,
  address: '10.0.0.1:8030',
});

export interface SightChange {
  readonly done?: boolean;
  /** UIDs of ready pods. */
  readonly ready?: readonly string[];
  /** Those of them that do not serve. */
  readonly missing?: readonly string[];
  readonly superseded?: boolean;
  readonly paused?: boolean;
  readonly stalled?: string;
}

/** What a look would see. */
export function sight({ done = false, ready = [], missing = [], ...rollout }: SightChange = {}): Sight {
  const lacks = missing.map((uid) => ({ ...server(uid), where: 'bc-1', why: 'it is not there' }));
  const published: Published = {
    published: done && lacks.length === 0,
    servers: ready.map(server),
    missing: lacks,
    extra: [],
    reasons: lacks.map(({ pod }) => `pod ${pod} does not serve`),
  };
  const base = {
    done,
    text: done ? 'all updated' : '1 of 2 updated',
    superseded: false,
    paused: false,
    templateHash: 'new',
  };
  return { rollout: { ...base, ...rollout }, published };
}

/** Plays inputs one after the other and keeps what came of them. */
export class Play {
  state: ReleaseState;
  now = 1_000_000;
  /** Every effect so far but `tell`. */
  readonly effects: ReleaseEffect[] = [];

  constructor(state: ReleaseState) {
    this.state = state;
  }

  /** The effects of one input, without what is only told. */
  take(input: ReleaseInput, afterMs = 0): readonly ReleaseEffect[] {
    this.now += afterMs;
    const { state, effects } = stepRelease(this.state, input, this.now);
    this.state = state;
    const done = effects.filter(({ type }) => type !== 'tell');
    this.effects.push(...done);
    return done;
  }

  /** From waiting to rolling. */
  apply(cluster: string): readonly ReleaseEffect[] {
    return this.take({ type: 'applied', cluster, revision: 1 });
  }

  see(cluster: string, change: SightChange = {}, afterMs = 200): readonly ReleaseEffect[] {
    return this.take({ type: 'seen', cluster, sight: sight(change) }, afterMs);
  }

  /** From rolling to finishing. */
  pass(cluster: string): readonly ReleaseEffect[] {
    const good = { done: true, ready: ['a'] };
    this.see(cluster, good);
    this.see(cluster, good);
    this.see(cluster, good, this.state.policy.minSuccessTimeMs);
    return this.take({ type: 'finished', cluster });
  }

  phase(cluster: string): string | undefined {
    return this.state.clusters.find((one) => one.cluster === cluster)?.phase;
  }
}
