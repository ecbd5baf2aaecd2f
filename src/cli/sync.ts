import { Command } from 'commander';
import { nearestOf, YouzanKubeError } from '../conventions/index.js';
import { runCommand } from './run-command.js';
import { clusterCommand } from './sync/cluster.js';
import { diffCommand } from './sync/diff.js';
import { parseLease, parsePort } from './sync/options.js';
import { planCommand } from './sync/plan.js';
import { replayCommand } from './sync/replay.js';
import { runSync, type SyncOptions } from './sync/run.js';
import { statusCommand } from './sync/status.js';
import { freezeCommand, overrideCommand, resyncCommand, unfreezeCommand } from './sync/steer.js';
import { whyCommand } from './sync/why.js';

/** `youzan-kube sync`: one syncer per cluster, until it is told to stop; its subcommands ask and steer one that runs. */
export function syncCommand(): Command {
  const command = new Command('sync')
    .description(
      "carry the clusters' pod addresses to the gateways, until TERM or Ctrl-C; or ask and steer one that does",
    )
    .usage('--fleet <file> --environment <name> [options]')
    // Asked for by hand: the subcommands need neither.
    .option('--fleet <file>', 'fleet.yaml (required)')
    .option('--environment <name>', 'whose gateways: daily, qa, perf, pre or prod (required)')
    .option('--cluster <names...>', 'these clusters only')
    .option('--in-cluster', "use the pod's service account in the one cluster that --cluster names")
    .option('--namespace <name>', 'this namespace only')
    .option('--lease <namespace/name>', 'the Lease that one syncer a cluster holds', parseLease, defaultLease)
    .option('--metrics-host <address>', 'where /metrics, /healthz and /readyz listen', '127.0.0.1')
    .option('--metrics-port <port>', 'their port', parsePort, 9464)
    .option('--journal <folder>', "write each cluster's journal there, as NDJSON")
    .option('--control <path>', 'the socket that the subcommands speak to (default: in $XDG_RUNTIME_DIR or /tmp)')
    .option('--dry-run', 'print what would be written, as JSON, and write nothing')
    .enablePositionalOptions()
    .allowExcessArguments()
    .action((options: Partial<SyncOptions>, self: Command) =>
      runCommand((signal) => runSync(withRequired(options, self), signal)),
    );
  const subcommands = [
    statusCommand(),
    planCommand(),
    diffCommand(),
    whyCommand(),
    freezeCommand(),
    unfreezeCommand(),
    overrideCommand(),
    resyncCommand(),
    clusterCommand(),
    replayCommand(),
  ];
  for (const subcommand of subcommands) command.addCommand(subcommand);
  return command;
}

const defaultLease = { namespace: 'default', name: 'k8s-sync' };

function withRequired(options: Partial<SyncOptions>, { args, commands }: Command): SyncOptions {
  const [unknown] = args;
  if (unknown !== undefined) {
    const names = commands.map((one) => one.name());
    const near = nearestOf(unknown, names);
    throw new YouzanKubeError('CLI_USAGE', `sync has no command "${unknown}"; it has ${names.join(', ')}`, {
      hint: near === undefined ? undefined : `did you mean "${near}"?`,
    });
  }
  const { fleet, environment, lease = defaultLease, metricsHost = '127.0.0.1', metricsPort = 9464 } = options;
  if (fleet === undefined || environment === undefined) {
    const missing = fleet === undefined ? '--fleet <file>' : '--environment <name>';
    throw new YouzanKubeError('CLI_USAGE', `required option '${missing}' not specified`, {
      hint: 'to ask or steer a syncer that runs, name a command: youzan-kube sync status',
    });
  }
  return { ...options, fleet, environment, lease, metricsHost, metricsPort };
}
