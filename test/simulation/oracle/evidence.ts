import { type Server, serverAddress, serverKey } from '../../../src/members/index.js';
import type { View } from './told.js';

const absenceMs = 2000;

export type Evidence = 'terminating' | 'not-ready' | 'absent' | 'proven' | 'taken' | 'overridden';

/** Why a server may stop serving; undefined when nothing says so. */
export function evidenceFor(view: View, server: Server): Evidence | undefined {
  const key = serverKey(server);
  if (isTaken(view, server)) return 'taken';
  const member = view.members.get(key);
  if (member?.terminating === true) return 'terminating';
  if (view.ended.has(key)) return 'proven';
  if (member?.ready === false) return 'not-ready';
  if (member !== undefined) return undefined;
  const absent = view.absent.get(key);
  if (absent?.last.terminating === true) return 'terminating';
  if (view.at - (absent?.since ?? view.listedAt) >= absenceMs) return 'absent';
  return undefined;
}

/** All that may go without a guard. */
export function isProven(view: View, server: Server): boolean {
  const key = serverKey(server);
  const service = (view.members.get(key) ?? view.absent.get(key)?.last)?.service;
  return (
    view.isOverridden ||
    view.ended.has(key) ||
    isTaken(view, server) ||
    (service !== undefined && view.servicesGone.has(service))
  );
}

/** Another pod has the address: it is ready there, or stands there while this one does not. */
export function isTaken(view: View, server: Server): boolean {
  const holders = view.holders.get(serverAddress(server)) ?? [];
  const own = holders.filter(({ uid }) => uid === server.uid);
  if (own.some(({ ready }) => ready)) return false;
  return holders.some(({ uid, ready }) => uid !== server.uid && (ready || own.length === 0));
}
