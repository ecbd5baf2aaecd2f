// From what a backend has of a source to what it shall have, as commands of the runtime socket. Pure.
import { serverAddress, type Server, type ServerState } from '../../members/server.js';
import type { LiveServer } from './answers.js';
import { encodeIdentity, identityKey, serverName } from './words.js';

/** What is there of a source in one upstream. */
export interface Present {
  readonly upstream: string;
  readonly source: string;
  /** All whose names are the source's, also those that are left over: removed, but kept by their connections. */
  readonly live: readonly LiveServer[];
  /** The map's value by server name; a name without one is no server of the source. */
  readonly identities: ReadonlyMap<string, string>;
}

export interface Change {
  readonly commands: readonly string[];
  /** `backend/server` of what is out of traffic then, and can be deleted once no stream has it. */
  readonly gone: readonly string[];
  /** Names of the servers whose identity is written or deleted. */
  readonly touched: readonly string[];
  readonly added: number;
  readonly removed: number;
  /** False when nothing but leftovers goes. */
  readonly changes: boolean;
}

const stateWords: Readonly<Record<ServerState, string>> = { up: 'ready', drain: 'drain', down: 'maint' };

/** Adds a key to the map or replaces its value: `add map` makes a second entry where one is, `set map` makes none. */
export function putKey(map: string, key: string, value: string, isThere: boolean): string {
  return `${isThere ? 'set' : 'add'} map ${map} ${key} ${value}`;
}

/** Out of traffic and out of the source. */
export function removeCommands(map: string, upstream: string, name: string, isKnown: boolean): readonly string[] {
  return [
    `set server ${upstream}/${name} state maint`,
    ...(isKnown ? [`del map ${map} ${identityKey(upstream, name)}`] : []),
  ];
}

/** What is added serves before anything is drained, and what is drained is so before anything is removed. */
export function changeOf(map: string, present: Present, wanted: readonly Server[]): Change {
  const { upstream, source, live, identities } = present;
  const there = new Map(live.map((server) => [server.name, server]));
  const names = new Map(wanted.map((server) => [serverName(source, server), server]));
  const steps = [...names].map(([name, server]) => {
    const isKnown = there.has(name) && identities.has(name);
    const isTouched = identities.get(name) !== encodeIdentity(server);
    return {
      name,
      state: server.state,
      isKnown,
      isTouched,
      commands: putServer(map, present, there.get(name), name, server),
    };
  });
  const gone = live.filter(({ name }) => !names.has(name));
  const known = gone.filter(({ name }) => identities.has(name));
  const ups = steps.filter(({ state }) => state === 'up').flatMap(({ commands }) => commands);
  const others = steps.filter(({ state }) => state !== 'up').flatMap(({ commands }) => commands);
  const removals = gone.flatMap(({ name }) => removeCommands(map, upstream, name, identities.has(name)));
  return {
    commands: [...ups, ...others, ...removals],
    gone: gone.map(({ name }) => `${upstream}/${name}`),
    touched: [...steps.filter(({ isTouched }) => isTouched), ...known].map(({ name }) => name),
    added: steps.filter(({ isKnown }) => !isKnown).length,
    removed: known.length,
    changes: ups.length + others.length + known.length > 0,
  };
}

function putServer(
  map: string,
  { upstream, identities }: Present,
  there: LiveServer | undefined,
  name: string,
  server: Server,
): readonly string[] {
  const place = `${upstream}/${name}`;
  const identity = encodeIdentity(server);
  const known = identities.get(name);
  const commands: string[] = [];
  // Known before it serves: whoever reads in between must not take it for a leftover.
  if (known !== identity) commands.push(putKey(map, identityKey(upstream, name), identity, known !== undefined));
  if (there === undefined) commands.push(`add server ${place} ${serverAddress(server)} weight ${server.weight}`);
  else if (there.weight !== server.weight) commands.push(`set server ${place} weight ${server.weight}`);
  // A server that was added is in maintenance until it is told otherwise.
  const state = there?.state ?? 'down';
  if (state !== server.state) commands.push(`set server ${place} state ${stateWords[server.state]}`);
  return commands;
}
