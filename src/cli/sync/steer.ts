import type { Command } from 'commander';
import { YouzanKubeError } from '../../conventions/index.js';
import type { Steered, SyncControl } from '../../k8s-sync/index.js';
import { exitCodes, runCommand } from '../run-command.js';
import { userName } from '../user-name.js';
import { askingCommand, clustersAsked, connect } from './ask.js';

export interface SteerOptions {
  readonly control?: string;
  readonly cluster?: string;
  readonly json?: true;
  readonly actor: string;
  readonly reason?: string;
}
type WithReason = SteerOptions & { readonly reason: string };

/** `youzan-kube sync freeze`: nothing is removed from the gateways until `unfreeze`. */
export function freezeCommand(): Command {
  return steeringCommand('freeze', 'remove nothing from the gateways, until unfreeze')
    .requiredOption('--reason <words>', 'why, for log and journal')
    .action(({ actor, reason, ...options }: WithReason) =>
      steer(
        options,
        (control, cluster) => control.freeze(cluster, { actor, reason }),
        told('is frozen: nothing is removed'),
      ),
    );
}

/** `youzan-kube sync unfreeze`. */
export function unfreezeCommand(): Command {
  return steeringCommand('unfreeze', 'take a freeze back')
    .option('--reason <words>', 'why, for log and journal')
    .action(({ actor, reason, ...options }: SteerOptions) =>
      steer(options, (control, cluster) => control.unfreeze(cluster, { actor, reason }), told('is no longer frozen')),
    );
}

/** `youzan-kube sync resync`: read cluster and gateways anew. */
export function resyncCommand(): Command {
  return steeringCommand('resync', 'read the cluster and what its gateways have anew')
    .option('--reason <words>', 'why, for log and journal')
    .action(({ actor, reason, ...options }: SteerOptions) =>
      steer(options, (control, cluster) => control.resync(cluster, { actor, reason }), told('reads all anew')),
    );
}

/** `youzan-kube sync override`: let go what the guards hold of one upstream, once. */
export function overrideCommand(): Command {
  return steeringCommand('override', 'let go the servers of one upstream that the guards hold now, once')
    .argument('<upstream>', 'trade-core.http')
    .requiredOption('--reason <words>', 'why, for log, journal and gateway')
    .action((upstream: string, { actor, reason, ...options }: WithReason) =>
      steer(
        options,
        (control, cluster) => control.override(cluster, { upstream, actor, reason }),
        told(`lets go of ${upstream}`),
      ),
    );
}

/** A subcommand that changes something in one cluster. */
export function steeringCommand(name: string, description: string): Command {
  return askingCommand(name, description)
    .option('--cluster <name>', 'one cluster (default: the only one that the process syncs)')
    .option('--actor <name>', 'who, for log and journal', userName());
}

export function steer<T extends Steered>(
  options: Omit<SteerOptions, 'actor' | 'reason'>,
  command: (control: SyncControl, cluster: string) => Promise<T>,
  tell: (steered: T) => string,
): Promise<void> {
  return runCommand(async (signal) => {
    const control = connect({ control: options.control }, signal);
    const steered = await command(control, await oneCluster(control, options.cluster));
    process.stdout.write(options.json === true ? `${JSON.stringify(steered)}\n` : tell(steered));
    const note = noteOf(steered);
    if (note !== undefined) process.stderr.write(`note: ${note}\n`);
    return exitCodes.ok;
  });
}

/** A command that changes something is for one cluster at a time. */
async function oneCluster(control: SyncControl, wanted: string | undefined): Promise<string> {
  const clusters = await clustersAsked(control, wanted === undefined ? undefined : [wanted]);
  const [name] = clusters;
  if (name !== undefined && clusters.length === 1) return name;
  throw new YouzanKubeError('CLI_USAGE', `which cluster? The running syncer has ${clusters.join(', ')}`, {
    hint: 'name one with --cluster',
  });
}

const told =
  (done: string) =>
  (steered: Steered): string =>
    steeredText(steered, done);

const places = { lease: '; kept in the Lease', process: '; kept in this process' } as const;

export function steeredText({ cluster, phase, kept, released }: Steered, done: string): string {
  const what = released.length === 0 ? '' : `: ${released.join(', ')}`;
  return `${cluster} ${done}${what} (${phase}${kept === null ? '' : places[kept]})\n`;
}

function noteOf({ cluster, leader, kept }: Steered): string | undefined {
  if (kept === 'process')
    return `the Lease of ${cluster} can't be written: until it can, this holds in this process only. Tell the others, too`;
  // What the Lease keeps reaches the one that leads by itself.
  if (leader || kept === 'lease') return undefined;
  return `this process does not lead in ${cluster}, so it writes nothing: tell the one that leads, too`;
}
