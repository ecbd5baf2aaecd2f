import type { EndpointSliceRecord } from './endpoint-slice.js';
import type { Member } from './member.js';
import { serverKey } from './server.js';

/**
 * The members that a set of slices stands for, the same in any order of the slices. An endpoint may stand in several
 * slices while it moves between them: a ready one wins, then a serving one.
 *
 * @example
 * const members = membersOfSlices(slices).filter(({ ready }) => ready);
 */
export function membersOfSlices(slices: Iterable<EndpointSliceRecord>): Member[] {
  const members = new Map<string, Member>();
  for (const { endpoints, ports, namespace, service, app, color, sc } of slices) {
    for (const { role, port, doubt } of ports) {
      for (const endpoint of endpoints) {
        const member: Member = {
          namespace,
          service,
          app,
          role,
          color,
          sc,
          port,
          ...(doubt === undefined ? {} : { doubt }),
          ...endpoint,
        };
        const key = `${app}.${role}|${serverKey(member)}`;
        const former = members.get(key);
        if (former === undefined || wins(member, former)) members.set(key, member);
      }
    }
  }
  return [...members.values()];
}

/** Between equals the text decides, so that it does not depend on which came first; what is known wins over nothing. */
function wins(one: Member, other: Member): boolean {
  const better = rank(one) - rank(other);
  return better === 0 ? textOf(one) > textOf(other) : better > 0;
}

const rank = ({ ready, serving, terminating }: Member): number =>
  (ready ? 4 : 0) + (serving ? 2 : 0) + (terminating ? 0 : 1);

const textOf = ({ zone, node, pod, namespace, service, color, sc }: Member): string =>
  [zone, node, pod, namespace, service, color, sc].join('\n');
