import { readFileSync } from 'node:fs';
import { check } from './check.js';

/** The events of one pod in the order in which they were appended, as `who event`. */
export type PodTrace = readonly string[];

/**
 * Reads the trace that entrypoint, hooks, helper, app and kubelet append to: a line an event, `uid|who|event`. The
 * order in the file is the order of the events.
 */
export function readTrace(file: string): ReadonlyMap<string, PodTrace> {
  const pods = new Map<string, string[]>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [uid, who, event] = line.split('|');
    if (uid === undefined || who === undefined || event === undefined) continue;
    const events = pods.get(uid) ?? [];
    events.push(`${who} ${event}`);
    pods.set(uid, events);
  }
  return pods;
}

/** Each event must be there, and after the one before it. `last:` takes an event's last occurrence, else the first. */
export function checkOrder(pod: string, trace: PodTrace, order: readonly string[]): void {
  let former = -1;
  let formerName = '';
  for (const entry of order) {
    const event = entry.replace(/^last:/, '');
    const at = entry === event ? trace.indexOf(event) : trace.lastIndexOf(event);
    check(at >= 0, `pod ${pod}: "${event}" is missing from its trace (${[...new Set(trace)].join(' < ')})`);
    check(at > former, `pod ${pod}: "${event}" came before "${formerName}" (${[...new Set(trace)].join(' < ')})`);
    former = at;
    formerName = event;
  }
}

export const readyEvent = 'kubelet ready';
export const startOrder = ['log-agent ready', 'app start', 'hook preload', 'hook online', readyEvent] as const;
export const firstRequestOrder = [readyEvent, 'app request'] as const;
export const stopOrder = ['hook offline', 'last:app answer', 'app term', 'log-agent term'] as const;
