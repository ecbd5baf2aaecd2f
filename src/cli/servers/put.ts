import { Command } from 'commander';
import { YouzanKubeError } from '../../conventions/index.js';
import type { Fleet } from '../../fleet/index.js';
import { parseServersYaml, putServers } from '../../k8s-sync/index.js';
import { readFleet, readInput } from '../fleet-file.js';
import { runCommand } from '../run-command.js';
import { type Force, forceOf, type GatewayChoice, withClients, withForce, withGateways } from './gateways.js';
import { codeOfPuts, putText } from './report.js';

interface PutOptions extends GatewayChoice, Force {
  readonly source: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `youzan-kube servers put`: a file of machines to the gateways. */
export function putCommand(): Command {
  const command = new Command('put')
    .description('replace what a source of machines has in the gateways by what a file says')
    .argument('<file>', 'upstreams and their servers, YAML')
    .requiredOption('--source <name>', 'vm.{idc}, such as vm.bc')
    .option('--dry-run', 'say what would change, write nothing');
  return withForce(withGateways(command)).action((file: string, options: PutOptions) =>
    runCommand((signal) => put(file, options, signal)),
  );
}

async function put(file: string, options: PutOptions, signal: AbortSignal): Promise<number> {
  const fleet = readFleet(options.fleet);
  const { source } = options;
  checkIdc(fleet, source);
  const upstreams = parseServersYaml(readInput(file), { file });
  const force = forceOf(options);
  const result = await withClients(fleet, options, (gateways) =>
    putServers({
      ...{ gateways, source, upstreams, signal },
      ...(force !== undefined && { force }),
      ...(options.dryRun === true && { dryRun: true }),
      onTrouble: ({ message }) => process.stderr.write(`${message}\n`),
    }),
  );
  process.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : putText(result.gateways));
  return codeOfPuts(result.gateways);
}

function checkIdc({ clusters }: Fleet, source: string): void {
  const idcs = [...new Set(clusters.map(({ idc }) => idc))];
  const [kind, idc = ''] = source.split('.');
  if (kind !== 'vm' || idcs.includes(idc)) return;
  throw new YouzanKubeError(
    'SERVERS_SOURCE',
    `IDC "${idc}" of ${source} is not in the fleet; it has ${idcs.join(', ')}`,
  );
}
