import { effectiveOf } from '../../gateways/effective.js';
import type { EffectiveContent } from '../../gateways/gateway.js';
import { serverKey } from '../../members/server.js';
import type { SourceEntry } from './entry.js';

/** An upstream's merged servers at one moment. Replaced whole with every change of one of its sources. */
export interface UpstreamView extends EffectiveContent {
  /** A server that comes new gets its full weight after this long. */
  readonly slowStartMs: number;
  /** Revision of the newest change of any of its sources. */
  readonly revision: number;
  /** Identities of all servers, the hidden ones of a conflict too: a request to any other one is cut. */
  readonly keys: ReadonlySet<string>;
}

export function effectiveView(name: string, slowStartMs: number, sources: readonly SourceEntry[]): UpstreamView {
  return {
    ...effectiveOf(name, sources),
    slowStartMs,
    revision: Math.max(0, ...sources.map(({ revision }) => revision)),
    keys: new Set(sources.flatMap((entry) => entry.servers.map(serverKey))),
  };
}
