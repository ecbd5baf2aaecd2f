import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type Gateway, type GatewayErrorCode, isGatewayError, type WriteAnswer } from '../../gateways/index.js';
import { digestOf, type Server } from '../../members/index.js';
import type { GatewaySuiteCase, GatewaySuiteContext, GatewaySuiteResult } from './context.js';

/** Far above 2^53, where a double no longer tells neighbours apart. */
export const base = 9_223_372_036_854_775_000n;
const confirmWaitMs = 10_000;

/** A server on a documentation address; `index` makes its address and its pod. */
export function server(index: number, fields: Partial<Server> = {}): Server {
  return {
    ip: `192.0.2.${index}`,
    port: 8030,
    weight: 100,
    state: 'up',
    uid: `5d1f0a52-0000-4000-8000-${String(index).padStart(12, '0')}`,
    zone: 'bc-1',
    labels: { color: 'stable' },
    ...fields,
  };
}

/** One source with a name of its own, written through one client. */
export class SuiteWriter {
  readonly gateway: Gateway;
  readonly source: string;
  readonly upstream: string;
  generation = base;

  constructor(gateway: Gateway, upstream: string, source: string) {
    this.gateway = gateway;
    this.upstream = upstream;
    this.source = source;
  }

  claim(generation = base, writer = 'suite'): ReturnType<Gateway['claim']> {
    return this.gateway.claim(this.source, { generation: String(generation), writer });
  }

  /** With the next generation unless one is given. */
  put(servers: readonly Server[], generation?: bigint, upstream = this.upstream): Promise<WriteAnswer> {
    this.generation = generation ?? this.generation + 1n;
    return this.gateway.putSource({
      upstream,
      source: this.source,
      generation: String(this.generation),
      servers,
      force: { reason: 'the suite', actor: 'suite' },
    });
  }

  /** Writes, waits until every worker has it, and holds the digest to what was sent. */
  async settle(servers: readonly Server[]): Promise<WriteAnswer> {
    const answer = await this.put(servers);
    assert.equal(answer.digest, digestOf(servers), 'the digest of the answer is not that of what was sent');
    await this.confirmed(answer.revision);
    return answer;
  }

  async confirmed(minRevision: number): Promise<void> {
    const status = await this.gateway.status({ minRevision, waitMs: confirmWaitMs });
    assert.deepEqual([status.applied, status.lagging], [true, []], `revision ${minRevision} was not applied`);
  }

  /** The servers that the gateway has of this source, as sorted text; undefined when it has no such source. */
  async shown(upstream = this.upstream): Promise<readonly string[] | undefined> {
    const content = await this.gateway.readSource(upstream, this.source);
    if (content) assert.equal(content.digest, digestOf(content.servers), 'the digest is not that of the servers');
    return content && shown(content.servers);
  }
}

/** Servers as text that can be compared, whatever their order. */
export function shown(servers: readonly Server[]): readonly string[] {
  return servers
    .map(({ labels, ...rest }) => JSON.stringify([Object.entries(rest).sort(), Object.entries(labels).sort()]))
    .sort();
}

export interface Stage {
  readonly context: GatewaySuiteContext;
  /** Another client of the instance. */
  readonly open: () => Gateway;
  /** A writer with a source of its own; claimed unless told otherwise. */
  readonly writer: (options?: {
    readonly upstream?: string;
    readonly source?: string;
    readonly claim?: false;
  }) => Promise<SuiteWriter>;
  /** Runs when the case has ended, the last one first. */
  readonly onEnd: (end: () => Promise<unknown>) => void;
}

/** A case on a stage that is cleared when it has ended: sources emptied, clients closed. */
export function suiteCase(
  section: GatewaySuiteCase['section'],
  name: string,
  body: (stage: Stage) => Promise<unknown>,
  limits: Pick<GatewaySuiteCase, 'unless' | 'only'> = {},
): GatewaySuiteCase {
  const { unless, only } = limits;
  const run = async (context: GatewaySuiteContext): Promise<GatewaySuiteResult> => {
    const ends: (() => Promise<unknown>)[] = [];
    const open = (): Gateway => {
      const gateway = context.open();
      ends.push(() => gateway.close());
      return gateway;
    };
    const gateway = open();
    const held = gateway.limits ?? [];
    const writers: SuiteWriter[] = [];
    const writer: Stage['writer'] = async ({ upstream = context.upstreams[0], source, claim } = {}) => {
      const named = source ?? `k8s.${gateway.idc}.suite-${randomBytes(5).toString('hex')}`;
      const made = new SuiteWriter(open(), upstream, named);
      writers.push(made);
      if (claim !== false) await made.claim();
      return made;
    };
    try {
      if ((unless && held.includes(unless)) || (only && !held.includes(only))) return 'skipped';
      const result = await body({ context, open, writer, onEnd: (end) => ends.push(end) });
      return result === 'skipped' ? 'skipped' : 'passed';
    } finally {
      await empty(
        context,
        writers.map(({ source }) => source),
      );
      for (const end of ends.reverse()) await end();
    }
  };
  return { section, name, ...(unless && { unless }), ...(only && { only }), run };
}

/** Takes what a case has left out of the way of the next one. */
async function empty(context: GatewaySuiteContext, sources: readonly string[]): Promise<void> {
  const gateway = context.open();
  const generation = String((1n << 64n) - 1n);
  for (const source of new Set(sources)) {
    const left = (await gateway.readSources(source)).filter(({ servers }) => servers.length > 0);
    if (left.length === 0) continue;
    await gateway.claim(source, { generation, writer: 'the end of the case' });
    const force = { reason: 'the end of the case', actor: 'suite' };
    for (const { upstream } of left) await gateway.putSource({ upstream, source, generation, servers: [], force });
  }
  await gateway.close();
}

/** Holds a call to be refused with this code. */
export async function refused(call: Promise<unknown>, code: GatewayErrorCode): Promise<void> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(isGatewayError(error), `must be refused with ${code}, but got ${String(error)}`);
  assert.equal(error.code, code, error.message);
}
