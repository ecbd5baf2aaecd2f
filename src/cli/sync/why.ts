import type { Command } from 'commander';
import type { Explanation } from '../../k8s-sync/index.js';
import { exitCodes } from '../run-command.js';
import { type AskOptions, askEach, askingCommand } from './ask.js';

/** `youzan-kube sync why`: why something is, or is not, in the gateways. */
export function whyCommand(): Command {
  return askingCommand('why', 'why an address, a pod or an upstream is, or is not, in the gateways')
    .argument('<ip|pod|upstream>', '10.1.2.3, 10.1.2.3:8030, trade/trade-core-0, trade-core-0 or trade-core.http')
    .option('--cluster <names...>', 'these clusters only')
    .action((of: string, options: AskOptions) =>
      askEach(
        options,
        (control, cluster) => control.why(cluster, of),
        whyText,
        (answers) => (answers.some(({ kind }) => kind !== 'unknown') ? exitCodes.ok : exitCodes.failed),
      ),
    );
}

/** Clusters that know it first; those that don't are told of only where none does. */
function whyText(answers: readonly Explanation[]): string {
  const known = answers.filter(({ kind }) => kind !== 'unknown');
  const lines = (known.length > 0 ? known : answers).flatMap(({ reasons }) => reasons);
  const near = known.length > 0 ? [] : [...new Set(answers.flatMap((answer) => answer.near))];
  return [...lines, ...(near.length === 0 ? [] : [`near ones: ${near.join(', ')}`])].map((one) => `${one}\n`).join('');
}
