import { serverKey } from '../members/index.js';
import { shardEntries, type SyncState } from './core/index.js';

/** Why one address is, or is not, in a gateway. */
export interface Explanation {
  readonly ip: string;
  /** One sentence each, the most telling first. */
  readonly reasons: readonly string[];
}

/** What the state knows of an address: its member, what each gateway has, and what it waits for. */
export function explain(state: SyncState, ip: string): Explanation {
  const reasons: string[] = [];
  const { cluster } = state.config;
  for (const [name, upstream] of shardEntries(state.upstreams)) {
    const members = Object.entries(upstream.members).filter(([, member]) => member.ip === ip);
    for (const [key, member] of members) {
      const what = member.terminating ? 'terminating' : member.ready ? 'ready' : 'not ready';
      reasons.push(`${name}: pod ${member.namespace}/${member.pod} (${member.uid}) at ${ip}:${member.port} is ${what}`);
      for (const [gateway, placed] of Object.entries(upstream.placed)) {
        if (placed.servers.some((server) => serverKey(server) === key)) continue;
        const { stage } = state.instances[gateway] ?? { stage: 'idle' };
        reasons.push(
          placed.inFlight?.servers.some((server) => serverKey(server) === key) === true
            ? `${name} at ${gateway}: a write with it is under way`
            : `${name} at ${gateway}: not there; ${placed.lastError ?? (stage === 'claimed' ? `only ready members are added` : `the instance is ${stage}`)}`,
        );
      }
    }
    for (const [gateway, { servers, lastError }] of Object.entries(upstream.placed)) {
      for (const server of servers.filter((one) => one.ip === ip)) {
        const key = serverKey(server);
        const hold = Object.values(upstream.holds).find((one) => one.servers.includes(key));
        const absent = upstream.absent[key] === undefined ? '' : ', no slice has it any more';
        reasons.push(
          `${name} at ${gateway}: ${server.state}${absent}${hold === undefined ? '' : `, held by the ${hold.guard} guard`}${lastError === null ? '' : ` (last error: ${lastError})`}`,
        );
      }
    }
  }
  if (reasons.length === 0)
    reasons.push(`${cluster}: no slice of an app has ${ip}, and no gateway has it of ${state.config.source}`);
  reasons.push(
    `${cluster} is ${state.health.phase}; ${state.epoch === null ? 'another process leads, or nobody' : `this process leads with epoch ${state.epoch}`}`,
  );
  return { ip, reasons };
}
