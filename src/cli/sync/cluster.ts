import { Command, InvalidArgumentError } from 'commander';
import type { SteeredTraffic } from '../../k8s-sync/index.js';
import { steer, steeredText, steeringCommand, type SteerOptions } from './steer.js';
import { stacked, table } from './table.js';

interface TrafficOptions extends SteerOptions {
  readonly force?: true;
  readonly dryRun?: true;
}

/** `youzan-kube sync cluster`: a whole cluster out of traffic, to a share of it, and back. */
export function clusterCommand(): Command {
  const command = new Command('cluster').description('take a whole cluster out of traffic, to a share of it, or back');
  for (const subcommand of [drainCommand(), weightCommand(), restoreCommand()]) command.addCommand(subcommand);
  return command;
}

function drainCommand(): Command {
  return trafficCommand('drain', "drain all of the cluster's servers, until restore; no pod is touched")
    .requiredOption('--reason <words>', 'why, for log, journal and gateway')
    .option('--force', 'also where nobody else in the IDC serves, or a gateway can not be asked')
    .action((options: TrafficOptions) => setTraffic(0, options, 'drained'));
}

function restoreCommand(): Command {
  return trafficCommand('restore', 'give the cluster all of its traffic again')
    .option('--reason <words>', 'why, for log and journal')
    .action((options: TrafficOptions) => setTraffic(100, options, 'back in traffic'));
}

function weightCommand(): Command {
  return trafficCommand('weight', 'give each server of the cluster this share of its weight, until restore')
    .argument('<percent>', '1 to 99', parseShare)
    .requiredOption('--reason <words>', 'why, for log and journal')
    .action((percent: number, options: TrafficOptions) =>
      setTraffic(percent, options, `at ${percent} % of its weight`),
    );
}

function trafficCommand(name: string, description: string): Command {
  return steeringCommand(name, description).option('--dry-run', 'print which servers would change, and change nothing');
}

function setTraffic(percent: number, options: TrafficOptions, done: string): Promise<void> {
  const { actor, reason, force, dryRun } = options;
  return steer<SteeredTraffic>(
    options,
    (control, cluster) => control.setTraffic(cluster, { percent, actor, reason, force, dryRun }),
    (steered) => (steered.kept === null ? wouldText(steered, done) : steeredText(steered, `is ${done}`)),
  );
}

function wouldText({ cluster, changes }: SteeredTraffic, done: string): string {
  const rows = changes.map(({ gateway, upstream, servers }) => [gateway, upstream, servers.length]);
  const changed = table(['GATEWAY', 'UPSTREAM', 'SERVERS'], rows);
  return stacked(changed, `${cluster} would be ${done}: nothing was changed\n`);
}

function parseShare(text: string): number {
  const percent = Number(text);
  if (Number.isInteger(percent) && percent >= 1 && percent <= 99) return percent;
  throw new InvalidArgumentError(`"${text}" is no share: 1 to 99; 0 is drain, 100 is restore`);
}
