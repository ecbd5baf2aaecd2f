import type { Command } from 'commander';
import type { SyncPlan } from '../../k8s-sync/index.js';
import { type AskOptions, askEach, askingCommand } from './ask.js';
import { none, stacked, table } from './table.js';

/** `youzan-kube sync plan`: what a leader would write now. */
export function planCommand(): Command {
  return askingCommand('plan', 'what would be written now, by a fresh look at cluster and gateways; writes nothing')
    .option('--cluster <names...>', 'these clusters only')
    .action((options: AskOptions) => askEach(options, (control, cluster) => control.plan(cluster), planText));
}

function planText(plans: readonly SyncPlan[]): string {
  const heads = ['CLUSTER', 'GATEWAY', 'UPSTREAM', 'ADD', 'DRAIN', 'REMOVE', 'HELD'];
  const changes = table(
    heads,
    plans.flatMap(({ cluster, changes: planned }) =>
      planned.map(({ gateway, upstream, add, drain, remove, held }) => [
        cluster,
        gateway,
        upstream,
        ...[add, drain, remove, held].map((servers) => (servers.length === 0 ? none : servers.length)),
      ]),
    ),
  );
  const idle = plans
    .filter((plan) => plan.changes.length === 0 && Object.keys(plan.unread).length === 0)
    .map(({ cluster }) => `${cluster}: nothing to change\n`);
  return stacked(changes, unreadText(plans), idle.join(''));
}

/** Gateways that could not be read: nothing is known of them. */
export function unreadText(plans: readonly SyncPlan[]): string {
  return plans
    .flatMap(({ cluster, unread }) =>
      Object.entries(unread).map(([gateway, why]) => `${cluster}: ${gateway} could not be read: ${why}\n`),
    )
    .join('');
}
