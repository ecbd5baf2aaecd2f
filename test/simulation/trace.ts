import type { SliceChange, SyncEffect, SyncEvent } from '../../src/k8s-sync/core/index.js';
import type { EndpointSliceRecord, Server } from '../../src/members/index.js';
import type { Timeline } from './timeline.js';

/** What happened last, for the one who has to understand a failing seed. */
export class Trace {
  readonly #timeline: Timeline;
  readonly #kept: number;
  readonly #lines: { readonly at: number; readonly who: string; readonly what: string | SyncEvent | SyncEffect }[] = [];

  constructor(timeline: Timeline, kept: number) {
    this.#timeline = timeline;
    this.#kept = kept;
  }

  /** Plain data becomes text only when somebody reads it. */
  add(who: string, what: string | SyncEvent | SyncEffect): void {
    this.#lines.push({ at: this.#timeline.now, who, what });
    if (this.#lines.length > 2 * this.#kept) this.#lines.splice(0, this.#kept);
  }

  tail(): string[] {
    return this.#lines.slice(-this.#kept).map(({ at, who, what }) => {
      return `${(at / 1000).toFixed(3).padStart(8)} ${who} ${typeof what === 'string' ? what : textOf(what)}`;
    });
  }
}

function textOf(what: SyncEvent | SyncEffect): string {
  if (what.type === 'slices') return what.changes.map(textOfChange).join('; ');
  if (what.type === 'sources')
    return `${what.gateway} has ${what.sources.map(({ upstream, servers }) => `${upstream} [${textOfServers(servers)}]`).join(', ')}`;
  const { type, ...rest } = what;
  const fields = Object.entries(rest).map(([name, value]) => {
    if (typeof value === 'string') return value;
    return name === 'servers' && what.type === 'write'
      ? `[${textOfServers(what.servers)}]`
      : `${name}=${JSON.stringify(value)}`;
  });
  return [type, ...fields].join(' ');
}

function textOfChange(change: SliceChange): string {
  switch (change.kind) {
    case 'replaced':
      return `list ${Object.entries(change.slices)
        .map(([key, slice]) => textOfSlice(key, slice))
        .join(' ')}`;
    case 'upserted':
      return textOfSlice(change.key, change.slice);
    case 'removed':
      return `${change.key} removed`;
    case 'connected':
      return 'connected';
    case 'disconnected':
      return `disconnected (${change.reason})`;
  }
}

function textOfSlice(key: string, { endpoints }: EndpointSliceRecord): string {
  const texts = endpoints.map(({ ip, uid, ready, serving, terminating }) => {
    return `${ip}|${uid}${ready ? '' : serving ? ' serving' : ' not-ready'}${terminating ? ' terminating' : ''}`;
  });
  return `${key}{${texts.join(', ')}}`;
}

function textOfServers(servers: readonly Server[]): string {
  return servers.map(({ ip, uid, state, labels }) => `${ip}|${uid} ${state} ${labels['color'] ?? ''}`).join(', ');
}
