import type { AppOnlineStep, AppSpec } from '../../src/app-yaml/index.js';
import type { Conventions } from '../../src/conventions/index.js';
import type { HooksSpec, OnlineStep } from '../../src/hooks/index.js';

/** The hooks of an app: what app.yaml says, completed by the conventions. */
export function hooksSpecOf(
  spec: AppSpec,
  { hooks: defaults }: Conventions,
  times: { readonly stopSeconds: number; readonly drainSeconds: number | undefined },
): HooksSpec {
  const { hooks: own, ports } = spec;
  const switchPort = ports[defaults.switch.role] ?? 0;
  const preload = own.preload !== false && {
    port: ports[defaults.health.role] ?? 0,
    path: defaults.health.path,
    expect: defaults.health.expect,
    ...defaults.preload,
    ...own.preload,
  };
  const online = own.online !== false && {
    port: switchPort,
    path: `${defaults.switch.path}?${defaults.onlineQuery}`,
    deadlineSeconds: own.online?.deadlineSeconds ?? defaults.online.deadlineSeconds,
    after: (own.online?.after ?? []).map((step) => onlineStepOf(step, spec)),
  };
  const offline = own.offline !== false && {
    port: switchPort,
    path: `${defaults.switch.path}?${defaults.offlineQuery}`,
    deadlineSeconds: own.offline?.deadlineSeconds ?? defaults.offline.deadlineSeconds,
    before: own.offline?.before ?? [],
  };
  return {
    preload,
    online,
    offline,
    drainSeconds: times.drainSeconds ?? own.drainSeconds ?? defaults.drainSeconds,
    stop: { deadlineSeconds: times.stopSeconds, before: own.stop?.before ?? [] },
  };
}

/** A registration is of the app's own name and of its RPC port, where it says nothing else. */
function onlineStepOf(step: AppOnlineStep, { name, ports }: AppSpec): OnlineStep {
  if (step.type !== 'registry') return step;
  const { registry, ...rest } = step;
  const { port = 'rpc', service = name, ...others } = registry;
  return { ...rest, registration: { service, port: ports[port] ?? 0, ...others } };
}
