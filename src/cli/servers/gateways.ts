import type { Command } from 'commander';
import { nearestOf, YouzanKubeError } from '../../conventions/index.js';
import { type Fleet, gatewaysOf } from '../../fleet/index.js';
import { createGateway, type Gateway } from '../../gateways/index.js';
import { userName } from '../user-name.js';

/** Which gateways a command is about. */
export interface GatewayChoice {
  readonly fleet: string;
  readonly environment: string;
  readonly gateway?: readonly string[];
}

export function withGateways(command: Command): Command {
  return (
    command
      .requiredOption('--fleet <file>', 'fleet.yaml')
      .requiredOption('--environment <name>', 'whose gateways: daily, qa, perf, pre or prod')
      // Not `<names...>`: that would take the file behind it, too.
      .option('--gateway <name>', 'this gateway only; again for each', (name: string, names?: readonly string[]) => [
        ...(names ?? []),
        name,
      ])
      .option('--json', 'print one JSON object')
  );
}

/** Who lifts a guard, and why. */
export interface Force {
  readonly force?: true;
  readonly reason?: string;
  readonly actor: string;
}

export function withForce(command: Command): Command {
  return command
    .option('--force', 'lift the guards for what this command removes; needs --reason')
    .option('--reason <words>', 'why, for the gateways')
    .option('--actor <name>', 'who, for the gateways', userName());
}

/** @throws YouzanKubeError `CLI_USAGE` without a reason. */
export function forceOf({
  force,
  reason,
  actor,
}: Force): { readonly reason: string; readonly actor: string } | undefined {
  if (force !== true) return undefined;
  if (reason !== undefined && reason !== '') return { reason, actor };
  throw new YouzanKubeError('CLI_USAGE', '--force needs a reason', {
    hint: 'say why with --reason: the gateways keep it with the write',
  });
}

/** Runs with a client of each gateway that is chosen, and closes them. */
export async function withClients<T>(
  fleet: Fleet,
  { environment, gateway: only }: GatewayChoice,
  run: (gateways: readonly Gateway[]) => Promise<T>,
): Promise<T> {
  const instances = gatewaysOf(fleet, environment);
  const known = instances.map(({ name }) => name);
  const unknown = (only ?? []).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const near = nearestOf(unknown, known);
    throw new YouzanKubeError('CLI_USAGE', `${environment} has no gateway "${unknown}"; it has ${known.join(', ')}`, {
      ...(near !== undefined && { hint: `did you mean "${near}"?` }),
    });
  }
  const chosen = instances.filter(({ name }) => only === undefined || only.includes(name));
  const gateways = chosen.map((instance) => createGateway(instance));
  try {
    return await run(gateways);
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.close()));
  }
}
