import type { Server } from '../../members/server.js';
import { GatewayError } from '../error.js';
import type { SourceContent } from '../gateway.js';
import {
  type LiveServer,
  type ProcessInfo,
  readInfo,
  readMap,
  readMapValue,
  readRevision,
  readServers,
  readStreamServers,
  readVersion,
} from './answers.js';
import type { Present } from './change.js';
import { refusalOf } from './refusal.js';
import type { Session } from './session.js';
import {
  claimKey,
  type ClaimEntry,
  decodeClaim,
  decodeEntry,
  decodeIdentity,
  entryKey,
  identityKey,
  serverName,
  serverPrefix,
  sourceOfName,
  type SourceEntry,
} from './words.js';

/** What is known of a source in one upstream. */
export interface Look extends Present {
  readonly info: ProcessInfo;
  readonly claim: ClaimEntry | undefined;
  readonly entry: SourceEntry | undefined;
}

/** What the whole store holds. */
export interface Dump {
  readonly info: ProcessInfo;
  readonly map: ReadonlyMap<string, string>;
  readonly live: readonly LiveServer[];
}

type SourceShare = Pick<SourceContent, 'source' | 'revision' | 'servers'>;

const silent = /^$/;
/** `del server` is refused while connections last; the next write tries again. */
const expectations: readonly (readonly [RegExp, RegExp])[] = [
  [/^add server /, /^New server registered/],
  [/^del server /, /^Server deleted|connection|^No such server/],
  [/^del map /, /^$|^Key not found/],
];

/** A session in the words of the gateway: each method asks once or twice and understands the answers. */
export class Conversation {
  readonly #name: string;
  readonly #map: string;
  readonly #session: Session;

  constructor(name: string, map: string, session: Session) {
    this.#name = name;
    this.#map = map;
    this.#session = session;
  }

  /** Also asks for the identities of what is wanted. Undefined when the upstream is no backend. */
  async look(upstream: string, source: string, wanted: readonly Server[] = []): Promise<Look | undefined> {
    const seen = await this.#state(upstream, source);
    if (seen === undefined) return undefined;
    const names = [...seen.live.map(({ name }) => name), ...wanted.map((server) => serverName(source, server))];
    return { ...seen, identities: await this.#identities(upstream, names) };
  }

  /** After a write: identities are asked for where it has touched them. */
  async lookAgain(before: Look, touched: readonly string[]): Promise<Look | undefined> {
    const { upstream, source, identities } = before;
    const seen = await this.#state(upstream, source);
    if (seen === undefined) return undefined;
    const isTouched = new Set(touched);
    const kept = [...identities].filter(([name]) => !isTouched.has(name));
    return { ...seen, identities: new Map([...kept, ...(await this.#identities(upstream, touched))]) };
  }

  /** What each source has in one upstream, as far as it has servers there. Undefined when the upstream is no backend. */
  async contents(upstream: string): Promise<readonly SourceShare[] | undefined> {
    const state = `show servers state ${upstream}`;
    const [answer = ''] = await this.#session.ask([state]);
    if (/^Can't find backend/.test(answer)) return undefined;
    const live = this.#servers(answer, state);
    const sources = [...new Set(live.flatMap(({ name }) => sourceOfName(name) ?? []))];
    const identities = await this.#identities(
      upstream,
      live.map(({ name }) => name),
    );
    const keys = sources.map((source) => entryKey(upstream, source));
    const entries = await this.#session.ask(keys.map((key) => this.#get(key)));
    return sources.map((source, index) => {
      const key = keys[index] ?? '';
      const own = live.filter(({ name }) => sourceOfName(name) === source);
      const entry = this.#decoded(this.#value(entries[index] ?? '', key), key, decodeEntry);
      const servers = this.servers({ upstream, source, live: own, identities });
      return { source, revision: entry?.revision ?? 0, servers };
    });
  }

  async dump(): Promise<Dump> {
    const show = `show map ${this.#map}`;
    const state = 'show servers state';
    const [info = '', map = '', servers = ''] = await this.#session.ask(['show info', show, state]);
    if (/map identifier|^Permission denied/.test(map)) throw refusalOf(this.#name, show, map);
    return { info: this.#info(info), map: readMap(map), live: this.#servers(servers, state) };
  }

  async status(): Promise<{ readonly info: ProcessInfo; readonly revision: number }> {
    const [info = '', maps = ''] = await this.#session.ask(['show info', 'show map']);
    const revision = readRevision(maps, this.#map);
    if (revision !== undefined) return { info: this.#info(info), revision };
    const answer = maps.startsWith('# ') ? `Unknown map identifier: ${this.#map} is not among the maps` : maps;
    throw refusalOf(this.#name, 'show map', answer);
  }

  /** The store's next revision. HAProxy counts the versions of a map and gives each number out once, whoever asks. */
  async nextRevision(): Promise<number> {
    const command = `prepare map ${this.#map}`;
    const [answer = ''] = await this.#session.ask([command]);
    const version = readVersion(answer);
    if (version === undefined) throw refusalOf(this.#name, command, answer);
    return version;
  }

  /** Sends commands and holds each to the answer that it must have. */
  async apply(commands: readonly string[]): Promise<void> {
    const answers = await this.#session.ask(commands);
    for (const [index, command] of commands.entries()) {
      const answer = answers[index] ?? '';
      const [, expected] = expectations.find(([pattern]) => pattern.test(command)) ?? [undefined, silent];
      if (!expected.test(answer)) throw refusalOf(this.#name, command, answer);
    }
  }

  /**
   * Deletes servers that are in maintenance, as long as no stream has them. HAProxy 2.6 looks at connections only, and
   * crashes when a stream that waits to connect again finds its server deleted (haproxy#2298).
   */
  async delete(servers: readonly string[]): Promise<void> {
    if (servers.length === 0) return;
    const [streams = ''] = await this.#session.ask(['show sess']);
    const held = readStreamServers(streams);
    await this.apply(servers.filter((server) => !held.has(server)).map((server) => `del server ${server}`));
  }

  /** The claim as it stands. */
  async claim(source: string): Promise<ClaimEntry | undefined> {
    const key = claimKey(source);
    const [answer = ''] = await this.#session.ask([this.#get(key)]);
    return this.#decoded(this.#value(answer, key), key, decodeClaim);
  }

  decoded<T>(map: ReadonlyMap<string, string>, key: string, decode: (text: string) => T | undefined): T | undefined {
    return this.#decoded(map.get(key), key, decode);
  }

  /** The servers of a source: HAProxy's own state, joined with what the map remembers. */
  servers({ upstream, live, identities }: Present): readonly Server[] {
    return live.flatMap(({ name, ip, port, weight, state }): Server[] => {
      const key = identityKey(upstream, name);
      const identity = this.#decoded(identities.get(name), key, decodeIdentity);
      return identity === undefined ? [] : [{ ip, port, weight, state, ...identity }];
    });
  }

  async #state(upstream: string, source: string): Promise<Omit<Look, 'identities'> | undefined> {
    const state = `show servers state ${upstream}`;
    const [ofClaim, ofEntry] = [claimKey(source), entryKey(upstream, source)];
    const [info = '', claim = '', entry = '', servers = ''] = await this.#session.ask([
      'show info',
      this.#get(ofClaim),
      this.#get(ofEntry),
      state,
    ]);
    const seen = {
      info: this.#info(info),
      upstream,
      source,
      claim: this.#decoded(this.#value(claim, ofClaim), ofClaim, decodeClaim),
      entry: this.#decoded(this.#value(entry, ofEntry), ofEntry, decodeEntry),
    };
    if (/^Can't find backend/.test(servers)) return undefined;
    const live = this.#servers(servers, state).filter(({ name }) => name.startsWith(serverPrefix(source)));
    return { ...seen, live };
  }

  async #identities(upstream: string, all: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const names = [...new Set(all)];
    const keys = names.map((name) => identityKey(upstream, name));
    const answers = await this.#session.ask(keys.map((key) => this.#get(key)));
    const identities = new Map<string, string>();
    for (const [index, name] of names.entries()) {
      const value = this.#value(answers[index] ?? '', keys[index] ?? '');
      if (value !== undefined) identities.set(name, value);
    }
    return identities;
  }

  #get(key: string): string {
    return `get map ${this.#map} ${key}`;
  }

  #value(answer: string, key: string): string | undefined {
    const value = readMapValue(answer);
    if (value === undefined) throw refusalOf(this.#name, this.#get(key), answer);
    return value ?? undefined;
  }

  #decoded<T>(text: string | undefined, key: string, decode: (text: string) => T | undefined): T | undefined {
    if (text === undefined) return undefined;
    const value = decode(text);
    if (value === undefined) throw refusalOf(this.#name, this.#get(key), text);
    return value;
  }

  #info(answer: string): ProcessInfo {
    const info = readInfo(answer);
    if (info === undefined) throw refusalOf(this.#name, 'show info', answer);
    if (!info.isStopping) return info;
    throw new GatewayError('STORE_UNAVAILABLE', `${this.#name}: process ${info.pid} is stopping; another takes over`, {
      path: this.#name,
      retryable: true,
    });
  }

  #servers(answer: string, command: string): readonly LiveServer[] {
    const servers = readServers(answer);
    if (servers === undefined) throw refusalOf(this.#name, command, answer);
    return servers;
  }
}
