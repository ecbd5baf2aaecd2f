import { upstreamName } from '../conventions/index.js';
import type { Member } from './member.js';
import type { Server, ServerState } from './server.js';

/** The upstream that a member belongs to: `trade-core.http`. */
export function upstreamOf(member: { readonly app: string; readonly role: string }): string {
  return upstreamName(member.app, member.role);
}

/** A member as the gateway gets it. `weight` defaults to 100. */
export function serverOf(member: Member, state: ServerState, weight = 100): Server {
  const { ip, port, uid, zone, color, sc } = member;
  return { ip, port, weight, state, uid, zone, labels: { color, ...(sc === '' ? {} : { sc }) } };
}

/** Servers that stand and fall together to the guards: one color and service chain of an upstream. */
export function groupOf(server: { readonly labels: Readonly<Record<string, string>> }): string {
  return `${server.labels['color'] ?? 'stable'}/${server.labels['sc'] ?? ''}`;
}
