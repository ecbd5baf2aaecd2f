import { setTimeout as delay } from 'node:timers/promises';
import { YouzanKubeError } from '../../conventions/error.js';
import { digestOf } from '../../members/server.js';
import { Calls } from '../calls.js';
import { effectiveOf } from '../effective.js';
import type { GatewayError } from '../error.js';
import type {
  ClaimAnswer,
  EffectiveContent,
  Gateway,
  GatewayCallOptions,
  GatewayLimit,
  GatewayStatus,
  SourceContent,
  SourceWrite,
  WriteAnswer,
} from '../gateway.js';
import { changeOf, putKey } from './change.js';
import { checkGenerationText, checkSource, checkUpstream, checkWrite } from './check-input.js';
import { Conversation, type Look } from './conversation.js';
import { refusalOf } from './refusal.js';
import { checkClaim, checkGeneration, stale } from './rules.js';
import { Session, type SocketAddress, socketAddress } from './session.js';
import { contentsOf, litterOf } from './whole-source.js';
import { Turns } from '../turns.js';
import {
  claimKey,
  type ClaimEntry,
  decodeClaim,
  encodeClaim,
  encodeEntry,
  entryKey,
  type SourceEntry,
} from './words.js';

export interface HaproxyGatewayOptions {
  /** The instance's name in the fleet; stands in every error. */
  readonly name: string;
  readonly idc: string;
  /** The runtime socket, with `level admin`: `/run/haproxy/admin.sock`, `10.0.0.5:9999` or `[::1]:9999`. */
  readonly socket: string;
  /** Path of the map file that remembers claims and pods, exactly as the configuration has it. */
  readonly map: string;
  /** Closes the client. */
  readonly signal?: AbortSignal | undefined;
}

const pollMs = 50;
/** HAProxy takes ten at a time for all who ask (`stats maxconn`), and adds and deletes safely from one (haproxy#2733). */
const connectionsAtOnce = 1;
const unreachableHint = 'check that HAProxy runs and that its runtime socket can be opened from here';

class HaproxyGateway implements Gateway {
  readonly name: string;
  readonly idc: string;
  readonly limits: readonly GatewayLimit[] = [
    'checked-claims',
    'stepwise-writes',
    'volatile',
    'no-guards',
    'fixed-upstreams',
  ];
  readonly #address: SocketAddress;
  readonly #map: string;
  readonly #calls: Calls;
  /** What this client has claimed. */
  readonly #claims = new Map<string, ClaimEntry>();
  readonly #turns = new Turns(connectionsAtOnce);

  constructor({ name, idc, socket, map, signal }: HaproxyGatewayOptions) {
    const address = socketAddress(socket);
    const findings = [
      ...(address ? [] : [`socket is ${JSON.stringify(socket)}, neither an absolute path nor host:port`]),
      ...(/^\/[^\s;\\<]*$/.test(map) ? [] : [`map is ${JSON.stringify(map)}, not an absolute path without blanks`]),
    ];
    if (!address || findings.length > 0)
      throw new YouzanKubeError('GATEWAY_OPTIONS', `${name}: ${findings.join('; ')}`);
    this.name = name;
    this.idc = idc;
    this.#address = address;
    this.#map = map;
    this.#calls = new Calls(name, signal?.aborted === true);
    signal?.addEventListener('abort', () => void this.close(), { once: true });
  }

  async claim(
    source: string,
    claim: { readonly generation: string; readonly writer: string },
    options: GatewayCallOptions = {},
  ): Promise<ClaimAnswer> {
    checkSource(this.name, source);
    checkGenerationText(this.name, claim.generation);
    return this.#talk(`claim of ${source}`, options, async (talk) => {
      const { info, map, live } = await talk.dump();
      const key = claimKey(source);
      const former = talk.decoded(map, key, decodeClaim);
      checkClaim(this.name, source, claim, former);
      const { commands, gone } = litterOf(this.#map, source, { map, live });
      await talk.apply([putKey(this.#map, key, encodeClaim(claim), former !== undefined), ...commands]);
      await talk.delete(gone);
      // Another may have claimed between the look and the write: whoever is not there any more has lost.
      const now = await talk.claim(source);
      if (encodeClaim(now ?? { generation: '0', writer: '' }) !== encodeClaim(claim)) {
        checkClaim(this.name, source, claim, now);
        throw refusalOf(this.name, key, `another claim came between: ${now?.generation ?? 'none'}`);
      }
      this.#claims.set(source, claim);
      const { generation: formerGeneration, writer: formerWriter } = former ?? { generation: '0', writer: '' };
      const upstreams = contentsOf(talk, source, { info, map, live }).map(
        ({ upstream, generation, digest, servers }) => ({
          upstream,
          generation,
          digest,
          servers: servers.length,
        }),
      );
      return { storeId: info.storeId, formerGeneration, formerWriter, upstreams };
    });
  }

  async putSource(write: SourceWrite, options: GatewayCallOptions = {}): Promise<WriteAnswer> {
    const { upstream, source, servers } = write;
    checkWrite(this.name, write);
    return this.#talk(`write of ${source} in ${upstream}`, options, async (talk) => {
      const before = await talk.look(upstream, source, servers);
      if (before === undefined) throw this.#noBackend(upstream);
      const digest = digestOf(servers);
      checkGeneration(this.name, { ...write, digest }, before.claim, before.entry);
      const { commands, gone, touched, added, removed, changes } = changeOf(this.#map, before, servers);
      const revision = changes || before.entry === undefined ? await talk.nextRevision() : before.entry.revision;
      const record = this.#record(before, { generation: write.generation, revision, digest });
      await talk.apply([...this.#reclaim(before), ...record, ...commands]);
      await talk.delete(gone);
      const after = changes ? await talk.lookAgain(before, touched) : before;
      if (after === undefined) throw this.#noBackend(upstream);
      if (after.claim && BigInt(after.claim.generation) > BigInt(write.generation)) {
        throw stale(this.name, source, write.generation, after.claim.generation, after.claim.generation);
      }
      const { generation } = write;
      const { storeId } = after.info;
      return { storeId, revision, generation, digest: digestOf(talk.servers(after)), changed: changes, added, removed };
    });
  }

  async readSource(
    upstream: string,
    source: string,
    options: GatewayCallOptions = {},
  ): Promise<SourceContent | undefined> {
    checkUpstream(this.name, upstream);
    checkSource(this.name, source);
    return this.#talk(`read of ${source} in ${upstream}`, options, async (talk) => {
      const look = await talk.look(upstream, source);
      if (look?.entry === undefined) return undefined;
      const { generation, revision } = look.entry;
      const servers = talk.servers(look);
      return { upstream, source, generation, revision, digest: digestOf(servers), servers };
    });
  }

  async readSources(source: string, options: GatewayCallOptions = {}): Promise<readonly SourceContent[]> {
    checkSource(this.name, source);
    return this.#talk(`read of ${source}`, options, async (talk) => contentsOf(talk, source, await talk.dump()));
  }

  /** HAProxy spreads over an address as often as it has it; here it stands once, with all its sources. */
  async readEffective(upstream: string, options: GatewayCallOptions = {}): Promise<EffectiveContent | undefined> {
    checkUpstream(this.name, upstream);
    return this.#talk(`read of ${upstream}`, options, async (talk) => {
      const contents = await talk.contents(upstream);
      return contents && effectiveOf(upstream, contents);
    });
  }

  status(
    wait?: { readonly minRevision: number; readonly waitMs: number },
    options: GatewayCallOptions = {},
  ): Promise<GatewayStatus> {
    const { minRevision = 0, waitMs = 0 } = wait ?? {};
    const what = `status${wait ? ` at revision ${minRevision}` : ''}`;
    const deadline = performance.now() + waitMs;
    return this.#calls.run({ what, hint: unreachableHint, extraMs: waitMs }, options, async (signal) => {
      for (;;) {
        const { info, revision } = await this.#converse(signal, (talk) => talk.status());
        const worker = `haproxy-${info.pid}`;
        const applied = revision >= minRevision;
        const left = deadline - performance.now();
        if (applied || left <= 0) {
          const workers = [{ worker, state: 'serving', appliedRevision: revision }] as const;
          return { storeId: info.storeId, workers, applied, lagging: applied ? [] : [worker] };
        }
        await delay(Math.min(pollMs, left), undefined, { signal });
      }
    });
  }

  close(): Promise<void> {
    this.#calls.close();
    return Promise.resolve();
  }

  #talk<T>(what: string, options: GatewayCallOptions, body: (talk: Conversation) => Promise<T>): Promise<T> {
    return this.#calls.run({ what, hint: unreachableHint }, options, (signal) => this.#converse(signal, body));
  }

  /** On a connection of its own, so that nothing of a call is left for the next one. */
  #converse<T>(signal: AbortSignal, body: (talk: Conversation) => Promise<T>): Promise<T> {
    return this.#turns.run(signal, async () => {
      const session = await Session.open(this.name, this.#address, signal);
      try {
        return await body(new Conversation(this.name, this.#map, session));
      } finally {
        session.close();
      }
    });
  }

  /** A smaller claim that was looked up before ours and written after it has replaced ours: it is put back. */
  #reclaim({ source, claim }: Look): readonly string[] {
    const own = this.#claims.get(source);
    if (!own || !claim || BigInt(own.generation) <= BigInt(claim.generation)) return [];
    return [putKey(this.#map, claimKey(source), encodeClaim(own), true)];
  }

  #record({ upstream, source, entry }: Look, next: SourceEntry): readonly string[] {
    const value = encodeEntry(next);
    if (entry !== undefined && encodeEntry(entry) === value) return [];
    return [putKey(this.#map, entryKey(upstream, source), value, entry !== undefined)];
  }

  #noBackend(upstream: string): GatewayError {
    return refusalOf(this.name, `show servers state ${upstream}`, "Can't find backend.");
  }
}

/**
 * The writer's side of one HAProxy (2.6 or newer) through its runtime socket: an upstream is a backend of that name,
 * servers are added and deleted at runtime, and a map remembers whose they are. What it can't hold stands in `limits` and
 * in docs/gateways.md. Nothing is sent before the first call. Calls are not repeated; the error says whether they may be.
 *
 * @throws {@link YouzanKubeError} `GATEWAY_OPTIONS` for a socket or a map that can't be one.
 *
 * @example
 * const gateway = createHaproxyGateway({
 *   name: 'haproxy-bc',
 *   idc: 'bc',
 *   socket: '/run/haproxy/admin.sock',
 *   map: '/etc/haproxy/youzan.map',
 * });
 * await gateway.claim('k8s.bc.bc-a', { generation: String(7n << 32n), writer: 'k8s-sync-0' });
 */
export function createHaproxyGateway(options: HaproxyGatewayOptions): Gateway {
  return new HaproxyGateway(options);
}
