import type { GatewayPut } from '../../k8s-sync/index.js';
import { exitCodes } from '../run-command.js';
import { none, stacked, table } from '../sync/table.js';

/** What was changed, or would be, and how each gateway ended. */
export function putText(gateways: readonly GatewayPut[]): string {
  const rows = gateways.flatMap(({ gateway, upstreams }) =>
    upstreams.map(({ upstream, add, change, drain, remove, held }) => [
      gateway,
      upstream,
      ...[add, change, drain, remove].map(counted),
      counted(held?.servers ?? []),
    ]),
  );
  const words = gateways.flatMap(({ gateway, outcome, error, upstreams }) => [
    `${gateway}: ${error === null ? outcomeWords[outcome] : `failed: ${error}`}\n`,
    ...upstreams.flatMap(({ upstream, held, refused }) => [
      ...(held === null
        ? []
        : [`  ${upstream}: ${heldWords[held.by]} ${held.guard} guard keeps ${held.servers.join(', ')}\n`]),
      ...(refused === null ? [] : [`  ${upstream}: ${refused}\n`]),
    ]),
  ]);
  return stacked(table(['GATEWAY', 'UPSTREAM', 'ADD', 'CHANGE', 'DRAIN', 'REMOVE', 'HELD'], rows), words.join(''));
}

/** 1 where a gateway failed or something is held. */
export const codeOfPuts = (gateways: readonly GatewayPut[]): number =>
  gateways.every(({ outcome }) => outcome !== 'failed' && outcome !== 'held') ? exitCodes.ok : exitCodes.failed;

const counted = (servers: readonly string[]): string | number => (servers.length === 0 ? none : servers.length);

const heldWords = { writer: 'the', gateway: "the gateway's own" } as const;

const outcomeWords: Readonly<Record<GatewayPut['outcome'], string>> = {
  done: 'done, every worker has it',
  unchanged: 'nothing to change',
  planned: 'nothing was written',
  held: 'not all is done; lift a guard with --force --reason',
  failed: 'failed',
};
