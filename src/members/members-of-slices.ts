import type { EndpointSliceRecord } from './endpoint-slice.js';
import type { Member } from './member.js';
import { serverKey } from './server.js';

/**
 * The members that a set of slices stands for. An endpoint may stand in several slices while it moves between them: a
 * ready one wins, then a serving one.
 *
 * @example
 * const members = membersOfSlices(slices).filter(({ ready }) => ready);
 */
export function membersOfSlices(slices: Iterable<EndpointSliceRecord>): Member[] {
  const members = new Map<string, Member>();
  for (const { endpoints, ports, namespace, service, app, color, sc } of slices) {
    for (const { role, port } of ports) {
      for (const endpoint of endpoints) {
        const member: Member = { namespace, service, app, role, color, sc, port, ...endpoint };
        const key = `${app}.${role}|${serverKey(member)}`;
        const former = members.get(key);
        if (former === undefined || rank(member) > rank(former)) members.set(key, member);
      }
    }
  }
  return [...members.values()];
}

const rank = ({ ready, serving, terminating }: Member): number =>
  (ready ? 4 : 0) + (serving ? 2 : 0) + (terminating ? 0 : 1);
