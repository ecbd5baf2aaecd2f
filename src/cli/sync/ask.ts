import { Command } from 'commander';
import { YouzanKubeError } from '../../conventions/index.js';
import { connectSyncControl, type SyncControl } from '../../k8s-sync/index.js';
import { describeError, exitCodes, runCommand } from '../run-command.js';
import { defaultControlPath } from './control-path.js';

export interface AskOptions {
  readonly control?: string;
  readonly cluster?: readonly string[];
  readonly json?: true;
}

/** A subcommand that speaks to a running syncer. */
export function askingCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--control <path>', "the running syncer's socket (default: in $XDG_RUNTIME_DIR or /tmp)")
    .option('--json', 'print one JSON object');
}

/** Asks each cluster that is named, or all that the process syncs; prints the answers and says which clusters failed. */
export function askEach<T>(
  options: AskOptions,
  ask: (control: SyncControl, cluster: string) => Promise<T>,
  show: (answers: readonly T[]) => string,
  codeOf: (answers: readonly T[]) => number = () => exitCodes.ok,
): Promise<void> {
  return runCommand(async (signal) => {
    const control = connect(options, signal);
    const clusters = await clustersAsked(control, options.cluster);
    const outcomes = await Promise.allSettled(clusters.map((cluster) => ask(control, cluster)));
    const answers = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    process.stdout.write(options.json === true ? `${JSON.stringify({ clusters: answers })}\n` : show(answers));
    for (const error of errors) process.stderr.write(`${describeError(error)}\n`);
    return errors.length > 0 ? exitCodes.failed : codeOf(answers);
  });
}

export function connect({ control }: AskOptions, signal: AbortSignal): SyncControl {
  return connectSyncControl({ socketPath: control ?? defaultControlPath() }, { signal });
}

/** The names of the clusters that were asked for, each of which the process syncs. */
export async function clustersAsked(control: SyncControl, wanted?: readonly string[]): Promise<readonly string[]> {
  const known = (await control.clusters()).map(({ cluster }) => cluster);
  const unknown = (wanted ?? []).find((name) => !known.includes(name));
  if (unknown === undefined) return wanted ?? known;
  throw new YouzanKubeError('CLI_USAGE', `the running syncer has no cluster "${unknown}"; it has ${known.join(', ')}`);
}
