import { Command } from 'commander';
import { sourceName } from '../../conventions/index.js';
import { clustersOf } from '../../fleet/index.js';
import { type AdoptedAtGateway, adoptServers } from '../../k8s-sync/index.js';
import { readFleet } from '../fleet-file.js';
import { exitCodes, runCommand } from '../run-command.js';
import { stacked, table } from '../sync/table.js';
import { userName } from '../user-name.js';
import { type GatewayChoice, withClients, withGateways } from './gateways.js';

interface AdoptOptions extends GatewayChoice {
  readonly upstream: string;
  readonly from: string;
  readonly cluster?: readonly string[];
  readonly replace?: true;
  readonly actor: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `youzan-kube servers adopt`: hand-made servers give way to those of the clusters. */
export function adoptServersCommand(): Command {
  const command = new Command('adopt')
    .description('hand hand-made servers of an upstream over to the clusters, without a gap')
    .requiredOption('--upstream <name>', 'trade-core.http')
    .requiredOption('--from <source>', 'under which they were written by hand: vm.bc')
    .option('--cluster <names...>', 'that take over (default: all of the fleet)')
    .option('--replace', 'also those that no cluster has, where the clusters serve at least as many')
    .option('--actor <name>', 'who, for the gateways', userName())
    .option('--dry-run', 'compare, write nothing');
  return withGateways(command).action((options: AdoptOptions) => runCommand((signal) => adopt(options, signal)));
}

async function adopt(options: AdoptOptions, signal: AbortSignal): Promise<number> {
  const fleet = readFleet(options.fleet);
  const { upstream, from, actor } = options;
  const to = clustersOf(fleet, options.cluster).map(({ name, idc }) => sourceName(idc, name));
  const adopted = await withClients(fleet, options, (gateways) =>
    adoptServers({
      ...{ gateways, upstream, from, to, actor, signal },
      ...(options.replace === true && { replace: true }),
      ...(options.dryRun === true && { dryRun: true }),
      onTrouble: ({ message }) => process.stderr.write(`${message}\n`),
    }),
  );
  process.stdout.write(
    options.json === true ? `${JSON.stringify({ upstream, from, to, gateways: adopted })}\n` : textOf(adopted),
  );
  return adopted.every(({ put, error }) => error === null && put?.outcome !== 'held') ? exitCodes.ok : exitCodes.failed;
}

function textOf(adopted: readonly AdoptedAtGateway[]): string {
  const rows = adopted.flatMap(({ gateway, both, onlyByHand, onlyKubernetes, goes }) => [
    ...both.map((address) => [gateway, address, 'by hand and in a cluster', 'goes']),
    ...onlyByHand.map((address) => [gateway, address, 'only by hand', goes.includes(address) ? 'goes' : 'stays']),
    ...onlyKubernetes.map((address) => [gateway, address, 'only in a cluster', 'stays']),
  ]);
  const words = adopted.map(({ gateway, goes, put, error }) => {
    const done = put?.outcome === 'planned' ? 'would go; nothing was written' : 'gone from the hand-made ones';
    return `${gateway}: ${error ?? `${goes.length} ${done}`}\n`;
  });
  return stacked(table(['GATEWAY', 'SERVER', 'IS', 'HAND-MADE'], rows), words.join(''));
}
