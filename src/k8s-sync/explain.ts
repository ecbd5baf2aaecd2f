import { isIP } from 'node:net';
import { canonicalAddress, type Member, serverAddress, serverKey } from '../members/index.js';
import { type SyncConflict, tellSources } from './conflicts/index.js';
import { type PlacedUpstream, shardEntries, shardGet, type SyncState, type UpstreamState } from './core/index.js';
import { nearOnes } from './near.js';
import { memberOf } from './status.js';
import { addressOf, counted, tellPercent, tellWord } from './tell.js';

/** Why something is, or is not, in a gateway. */
export interface Explanation {
  /** What was asked for. */
  readonly of: string;
  /** `unknown`: no slice of an app has it, and no gateway of this cluster's source. */
  readonly kind: 'address' | 'pod' | 'upstream' | 'unknown';
  /** One sentence each, the most telling first. */
  readonly reasons: readonly string[];
  /** What an unknown name may have meant; empty for what is known. */
  readonly near: readonly string[];
}

/** Tells the members, or the servers, that were asked for. */
interface Subject {
  readonly kind: 'address' | 'pod';
  readonly isMember: (member: Member) => boolean;
  readonly isServer: (key: string, address: string, upstream: UpstreamState) => boolean;
}

/** What the state knows of an address, a pod or an upstream: its members, what each gateway has, what it waits for. */
export function explain(state: SyncState, of: string, conflicts: readonly SyncConflict[] = []): Explanation {
  const asked = shardGet(state.upstreams, of);
  const subject = addressSubject(of) ?? podSubject(of);
  const kind = asked === undefined ? subject.kind : 'upstream';
  const reasons =
    asked === undefined
      ? shardEntries(state.upstreams).flatMap(([name, upstream]) =>
          reasonsIn(state, name, upstream, subject, conflicts),
        )
      : [...reasonsOf(of, asked), ...conflicts.filter(({ upstream }) => upstream === of).map(tellConflict)];
  if (reasons.length > 0) return { of, kind, reasons: [...reasons, standing(state)], near: [] };
  const { cluster, source } = state.config;
  const unknown = `${cluster}: no slice of an app has ${of}, and no gateway has it of ${source}`;
  return { of, kind: 'unknown', reasons: [unknown, standing(state)], near: nearOnes(state, of) };
}

function addressSubject(of: string): Subject | undefined {
  const [, ip = of, port] = /^\[?([^[\]]+?)\]?:(\d+)$/.exec(isIP(of) === 0 ? of : '') ?? [];
  if (isIP(ip) === 0) return undefined;
  const start = serverAddress({ ip: canonicalAddress(ip), port: 0 }).slice(0, -1);
  const isIt = (server: string): boolean =>
    port === undefined ? server.startsWith(start) : server === `${start}${Number(port)}`;
  return {
    kind: 'address',
    isMember: (member) => isIt(serverAddress(member)),
    isServer: (_, server) => isIt(server),
  };
}

function podSubject(of: string): Subject {
  const isMember = ({ namespace, pod }: Member): boolean => of === `${namespace}/${pod}` || of === pod;
  return {
    kind: 'pod',
    isMember,
    isServer: (key, _, upstream) => {
      const member = memberOf(upstream, key);
      return member !== null && isMember(member);
    },
  };
}

const tellConflict = ({ upstream, gateway, address, sources }: SyncConflict): string =>
  `${upstream} at ${gateway}: ${address} is of several sources: ${tellSources(sources)}`;

function reasonsIn(
  state: SyncState,
  name: string,
  upstream: UpstreamState,
  subject: Subject,
  conflicts: readonly SyncConflict[],
): string[] {
  const reasons: string[] = [];
  for (const [key, member] of Object.entries(upstream.members)) {
    if (!subject.isMember(member)) continue;
    const what = member.terminating ? 'terminating' : member.ready ? 'ready' : 'not ready';
    const pod = `pod ${member.namespace}/${member.pod} (${member.uid})`;
    reasons.push(`${name}: ${pod} at ${serverAddress(member)} is ${what}`);
    for (const [gateway, placed] of Object.entries(upstream.placed)) {
      if (placed.servers.some((server) => serverKey(server) === key)) continue;
      const isHeld = Object.values(upstream.holds).some((hold) => hold.guard === 'port' && hold.servers.includes(key));
      const why = isHeld
        ? `not there; held by the port guard: ${member.doubt ?? ''}`
        : whyMissing(state, gateway, placed, key, member);
      reasons.push(`${name} at ${gateway}: ${why}`);
    }
  }
  for (const [gateway, placed] of Object.entries(upstream.placed)) {
    for (const server of placed.servers) {
      const key = serverKey(server);
      if (!subject.isServer(key, serverAddress(server), upstream)) continue;
      const at = subject.kind === 'pod' ? ` at ${serverAddress(server)}` : '';
      reasons.push(`${name} at ${gateway}: ${server.state}${at}${whyThere(state, upstream, placed, key)}`);
      const address = serverAddress(server);
      const isIt = (one: SyncConflict): boolean =>
        one.upstream === name && one.gateway === gateway && one.address === address;
      reasons.push(...conflicts.filter(isIt).map(tellConflict));
    }
  }
  return reasons;
}

function whyMissing(
  state: SyncState,
  gateway: string,
  { inFlight, lastError }: PlacedUpstream,
  key: string,
  { ready }: Member,
): string {
  if (inFlight?.servers.some((server) => serverKey(server) === key) === true) return 'a write with it is under way';
  const { stage } = state.instances[gateway] ?? { stage: 'idle' };
  const unwritten = ready ? 'its write is yet to come' : 'only ready members are added';
  const why = stage === 'claimed' ? unwritten : `the instance is ${stage}`;
  return `not there; ${lastError ?? why}`;
}

function whyThere({ health }: SyncState, upstream: UpstreamState, { lastError }: PlacedUpstream, key: string): string {
  const hold = Object.values(upstream.holds).find((one) => one.servers.includes(key));
  const word = upstream.overridden[key];
  const isUnwanted = upstream.members[key]?.ready !== true;
  const mayRemove = health.phase === 'live' && !health.frozenByOperator;
  return [
    upstream.absent[key] === undefined ? '' : ', no slice has it any more',
    hold === undefined ? '' : `, held by the ${hold.guard} guard`,
    word === undefined ? '' : `, let go${tellWord(word)}`,
    isUnwanted && !mayRemove ? ', kept: nothing is removed now' : '',
    lastError === null ? '' : ` (last error: ${lastError})`,
  ].join('');
}

function reasonsOf(name: string, { members, placed, holds, overridden, proofs }: UpstreamState): string[] {
  const known = Object.values(members);
  const ready = known.filter((member) => member.ready).length;
  return [
    `${name}: ${ready} of ${counted(known.length, 'member')} ready`,
    ...Object.entries(holds).map(([group, { guard, servers }]) => {
      if (guard === 'port') {
        const doubted = servers.map((key) => `${addressOf(key)} (${members[key]?.doubt ?? ''})`);
        return `${name}: the port guard does not add ${doubted.join(', ')}`;
      }
      const told = servers.map((key) => `${addressOf(key)} (pod ${proofs[key] ?? 'not looked up yet'})`);
      return `${name}: the ${guard} guard holds of ${group.replace(/\/$/, '')}: ${told.join(', ')}`;
    }),
    ...Object.entries(overridden).map(([key, word]) => `${name}: ${addressOf(key)} is let go${tellWord(word)}`),
    ...Object.entries(placed).map(([gateway, one]) => `${name} at ${gateway}: ${tellPlaced(one)}`),
  ];
}

function tellPlaced({ servers, inFlight, unconfirmed, lastError }: PlacedUpstream): string {
  const count = (wanted: string): number => servers.filter(({ state }) => state === wanted).length;
  const states = ['up', 'drain', 'down'].filter((one) => one === 'up' || count(one) > 0);
  return [
    states.map((one) => `${count(one)} ${one}`).join(', '),
    inFlight === null ? '' : ', a write is under way',
    unconfirmed.length === 0 ? '' : `, ${counted(unconfirmed.length, 'change')} not confirmed by every worker`,
    lastError === null ? '' : ` (last error: ${lastError})`,
  ].join('');
}

/** What holds for everything in the cluster. */
function standing({ config, health, epoch, nodes, traffic }: SyncState): string {
  const lost = Object.keys(nodes.lost).length;
  const lostNodes = lost === 0 ? '' : `, ${lost} of ${counted(Object.keys(nodes.known).length, 'node')} lost together`;
  const frozen = health.frozenByOperator ? ', frozen by an operator' : '';
  const order = traffic === null ? '' : `, ${tellPercent(traffic.percent)}${tellWord(traffic)}`;
  const leads = epoch === null ? 'another process leads, or nobody' : `this process leads with epoch ${epoch}`;
  return `${config.cluster} is ${health.phase}${frozen}${lostNodes}${order}; ${leads}`;
}
