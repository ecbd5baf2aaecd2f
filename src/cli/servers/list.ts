import { Command } from 'commander';
import type { Gateway } from '../../gateways/index.js';
import type { Server } from '../../members/index.js';
import { readFleet } from '../fleet-file.js';
import { describeError, exitCodes, runCommand } from '../run-command.js';
import { none, table } from '../sync/table.js';
import { type GatewayChoice, withClients, withGateways } from './gateways.js';

interface ListOptions extends GatewayChoice {
  readonly source: string;
  readonly json?: true;
}

interface Listed {
  readonly gateway: string;
  readonly upstreams: readonly { readonly upstream: string; readonly servers: readonly Server[] }[];
}

/** `youzan-kube servers list`: what a source has. */
export function listCommand(): Command {
  const command = new Command('list')
    .description('what a source has in the gateways')
    .requiredOption('--source <name>', 'vm.bc, or k8s.bc.bc-a');
  return withGateways(command).action((options: ListOptions) => runCommand((signal) => list(options, signal)));
}

async function list(options: ListOptions, signal: AbortSignal): Promise<number> {
  const { source } = options;
  return withClients(readFleet(options.fleet), options, async (gateways) => {
    const outcomes = await Promise.allSettled(gateways.map((gateway) => listAt(gateway, source, signal)));
    const listed = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    process.stdout.write(options.json === true ? `${JSON.stringify({ source, gateways: listed })}\n` : textOf(listed));
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    for (const error of errors) process.stderr.write(`${describeError(error)}\n`);
    return errors.length > 0 ? exitCodes.failed : exitCodes.ok;
  });
}

async function listAt(gateway: Gateway, source: string, signal: AbortSignal): Promise<Listed> {
  const contents = await gateway.readSources(source, { signal });
  const upstreams = contents.map(({ upstream, servers }) => ({ upstream, servers }));
  return { gateway: gateway.name, upstreams: upstreams.sort((a, b) => (a.upstream < b.upstream ? -1 : 1)) };
}

function textOf(listed: readonly Listed[]): string {
  const rows = listed.flatMap(({ gateway, upstreams }) =>
    upstreams.flatMap(({ upstream, servers }) =>
      servers.map(({ ip, port, state, weight, zone, labels }) => {
        const { color = none, sc = none } = labels;
        return [gateway, upstream, ip, port, state, weight, zone === '' ? none : zone, color, sc];
      }),
    ),
  );
  return table(['GATEWAY', 'UPSTREAM', 'IP', 'PORT', 'STATE', 'WEIGHT', 'ZONE', 'COLOR', 'SC'], rows);
}
