import type { Command } from 'commander';
import type { PlannedChange, SyncPlan } from '../../k8s-sync/index.js';
import { exitCodes } from '../run-command.js';
import { type AskOptions, askEach, askingCommand } from './ask.js';
import { stacked } from './table.js';
import { unreadText } from './plan.js';

/** `youzan-kube sync diff`: what the gateways have, against what the cluster says that they should. */
export function diffCommand(): Command {
  return askingCommand('diff', 'what the gateways have against what should be there; exits with 1 where they differ')
    .option('--cluster <names...>', 'these clusters only')
    .action((options: AskOptions) =>
      askEach(
        options,
        (control, cluster) => control.plan(cluster),
        diffText,
        (plans) => (plans.every(isSame) ? exitCodes.ok : exitCodes.failed),
      ),
    );
}

const isSame = ({ changes, unread }: SyncPlan): boolean => changes.length === 0 && Object.keys(unread).length === 0;

function diffText(plans: readonly SyncPlan[]): string {
  const parts = plans.flatMap(({ cluster, source, changes }) =>
    changes.map((change) => `${cluster} ${change.gateway} ${change.upstream} (${source})\n${lines(change)}`),
  );
  return stacked(...parts, unreadText(plans));
}

function lines({ add, drain, remove, held }: PlannedChange): string {
  const marked = (mark: string, servers: readonly string[], what: string): string[] =>
    servers.map((server) => `  ${mark} ${server}  ${what}\n`);
  return [
    ...marked('+', add, 'is missing'),
    ...marked('-', remove, 'should not be there'),
    ...marked('~', drain, 'should be drained'),
    ...marked('!', held, 'is held by a guard'),
  ].join('');
}
