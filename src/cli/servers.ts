import { Command } from 'commander';
import { adoptServersCommand } from './servers/adopt.js';
import { listCommand } from './servers/list.js';
import { putCommand } from './servers/put.js';

/** `youzan-kube servers`: machines outside Kubernetes, in the same gateways. */
export function serversCommand(): Command {
  return new Command('servers')
    .description('machines outside Kubernetes, as a source of their own in the gateways')
    .addCommand(putCommand())
    .addCommand(listCommand())
    .addCommand(adoptServersCommand());
}
