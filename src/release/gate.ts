import type { Published } from '../publish/index.js';

/** A ready pod of the new template, as the gate keeps it. */
export interface GatedPod {
  readonly pod: string;
  readonly uid: string;
  readonly address: string;
  /** Since when it is ready and not published; null while it is. */
  readonly since: number | null;
  /** Why, as last seen. */
  readonly why: string;
}

/** By pod UID. */
export type Gate = Readonly<Record<string, GatedPod>>;

/** The gate after one more observation. A pod that is no longer ready is no longer kept. Pure. */
export function gateAfter(
  former: Gate,
  { servers, missing }: Pick<Published, 'servers' | 'missing'>,
  now: number,
): Gate {
  const pods = servers.map(({ pod, uid, address }): [string, GatedPod] => {
    const lacks = missing.filter((server) => server.uid === uid);
    const since = lacks.length === 0 ? null : (former[uid]?.since ?? now);
    const why = lacks.map((server) => `${server.upstream} at ${server.where}: ${server.why}`).join('; ');
    return [uid, { pod, uid, address, since, why }];
  });
  return Object.fromEntries(pods);
}

/** Pods that have been ready for so long without being published. */
export function overduePods(gate: Gate, graceMs: number, now: number): readonly GatedPod[] {
  return Object.values(gate).filter(({ since }) => since !== null && now - since >= graceMs);
}

/** Milliseconds until the next pod is overdue; undefined when none will be. */
export function nextDueMs(gate: Gate, graceMs: number, now: number): number | undefined {
  const dues = Object.values(gate).flatMap(({ since }) => (since === null ? [] : [since + graceMs - now]));
  return dues.length === 0 ? undefined : Math.max(0, Math.min(...dues));
}
