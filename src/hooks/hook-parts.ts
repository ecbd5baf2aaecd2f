import type { Conventions } from '../conventions/index.js';
import { quote, stateFiles } from '../rich-container/index.js';
import type { Line } from './hook-script.js';
import type { HooksSpec, SwitchSpec } from './hooks-spec.js';
import { registrationsOf, registryLine, type NamedRegistration } from './registry/registry-steps.js';
import { joined, lastTrySeconds, requestPart, stepPart, type Part } from './step-parts.js';

/** What the defaults are taken from. */
export type HookConventions = Pick<Conventions, 'hooks' | 'ports' | 'variables' | 'serverWeight'>;

const line = (text: string): Part => ({ lines: [{ text }], seconds: 0 });

/** The registrations of the hooks, each with its agent. */
export const registrationsIn = ({ online }: HooksSpec): readonly NamedRegistration[] =>
  online === undefined || online === false ? [] : registrationsOf(online.after ?? []);

function registryPart(registration: NamedRegistration, to: 'ok' | 'unreg'): Part {
  const { deadlineSeconds } = registration.step;
  return {
    lines: [{ text: registryLine(registration, to), step: 'registry' }],
    seconds: deadlineSeconds + lastTrySeconds,
  };
}

export function preloadPart({ preload }: HooksSpec, { hooks, ports }: HookConventions): Part {
  if (preload === false) return joined([]);
  const { role, ...health } = hooks.health;
  const { expect, tries, after = [], ...target } = { port: ports[role], ...health, ...hooks.preload, ...preload };
  const poll = requestPart({
    name: 'preload',
    ...target,
    wanted: expect === false ? 200 : `=${expect}`,
    retries: tries - 1,
  });
  return joined([poll, ...after.map(stepPart), line('_done preload')]);
}

function switchOf(
  spec: SwitchSpec | undefined,
  service: 'online' | 'offline',
  { hooks, ports }: HookConventions,
): Required<SwitchSpec> {
  const query = service === 'online' ? hooks.onlineQuery : hooks.offlineQuery;
  const { port = ports[hooks.switch.role], path = `${hooks.switch.path}?${query}` } = spec ?? {};
  return { port, path, deadlineSeconds: spec?.deadlineSeconds ?? hooks[service].deadlineSeconds };
}

const turnPart = (name: 'online' | 'offline', to: Required<SwitchSpec>): Part =>
  requestPart({ name, ...to, wanted: 200 });

export function onlinePart(spec: HooksSpec, conventions: HookConventions): Part {
  const { online } = spec;
  if (online === false) return joined([]);
  const registrations = registrationsIn(spec);
  const after = (online?.after ?? []).flatMap((step) => {
    if (step.type !== 'registry') return stepPart(step);
    return registrations.filter((one) => one.step === step).map((one) => registryPart(one, 'ok'));
  });
  return joined([turnPart('online', switchOf(online, 'online', conventions)), ...after, line('_done online')]);
}

/** Main has ended, so that most often nothing answers at its switch any more: asked once, whatever comes. */
const crashSwitchSeconds = 2;

export function offlinePart(spec: HooksSpec, after: 'preStop' | 'crash', conventions: HookConventions): Part {
  const { offline } = spec;
  const unregister = registrationsIn(spec).map((one) => registryPart(one, 'unreg'));
  if (offline === false) return joined(unregister);
  const before = (offline?.before ?? []).map(stepPart);
  const to = switchOf(offline, 'offline', conventions);
  const turn: Part =
    after === 'preStop'
      ? turnPart('offline', to)
      : {
          lines: [{ text: '_begin' }, { text: `_http ${to.port} ${quote(to.path)} ${crashSwitchSeconds}` }],
          seconds: crashSwitchSeconds,
        };
  return joined([...unregister, ...before, turn, line('[ "$_bad" ] || _done offline')]);
}

export function drainPart({ drainSeconds }: HooksSpec, { hooks }: HookConventions): Part {
  const seconds = drainSeconds ?? hooks.drainSeconds;
  return seconds > 0 ? { lines: [{ text: `sleep ${seconds}` }], seconds } : joined([]);
}

/** Asks the entrypoint to stop main, and waits until its line in the state file says that main has ended. */
export function stopPart({ stop }: HooksSpec, { hooks }: HookConventions): Part {
  if (stop === false) return joined([]);
  const seconds = stop?.deadlineSeconds ?? hooks.stop.deadlineSeconds;
  const lines = [
    '_begin',
    `if [ -p "$_dir/${stateFiles.events}" ]; then`,
    `echo >"$_dir/${stateFiles.stopping}"`,
    `echo stop 1<>"$_dir/${stateFiles.events}"`,
    'while :; do',
    `read -r _x _y _z <"$_dir/${stateFiles.state}" || _y=`,
    '_n=$((_n + 1))',
    'if [ "$_y" = ended ]; then _done stop; break; fi',
    '_clock',
    `if [ $((_t - _t0)) -ge ${Math.round(seconds * 100)} ]; then _fail stop "main has not ended, the entrypoint is \${_y:-gone}"; _bad=1; break; fi`,
    '_nap 5',
    'done',
    'else _fail stop "no entrypoint at $_dir"; _bad=1; fi',
  ];
  const ask: Part = { lines: lines.map((text): Line => ({ text })), seconds };
  return joined([...(stop?.before ?? []).map(stepPart), ask]);
}
