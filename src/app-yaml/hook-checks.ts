import type { PortTable } from '../conventions/index.js';
import type { DraftFinding } from './cross-checks.js';
import type { HookSettings } from './hook-settings.js';

/** Registrations of a port that the app does not open. */
export function hookFindings({
  hooks,
  ports,
}: {
  readonly hooks: HookSettings;
  readonly ports: PortTable;
}): DraftFinding[] {
  const steps = hooks.online === undefined || hooks.online === false ? [] : (hooks.online.after ?? []);
  const open = Object.keys(ports);
  return steps.flatMap((step, at) => {
    if (step.type !== 'registry') return [];
    const { port = 'rpc' } = step.registry;
    if (open.includes(port)) return [];
    const path = ['hooks', 'online', 'after', at, 'registry', ...(step.registry.port === undefined ? [] : ['port'])];
    return [
      {
        path,
        message: `registers the port ${port}, which the app does not open; it opens ${open.join(', ') || 'none'}`,
      },
    ];
  });
}
