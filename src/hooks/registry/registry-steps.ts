import { registryDefaults } from '../../conventions/registry.js';
import { compact, quote } from '../../rich-container/index.js';
import type { OnlineStep, RegistryStep } from '../step.js';
import { agentFiles } from './agent-script.js';
import type { Registration } from './registration.js';

/** One registration, the name of its agent, and the step that asked for it. */
export interface NamedRegistration {
  readonly agent: string;
  readonly registration: Registration;
  readonly step: RegistryStep;
}

/** The registrations among the steps after online. */
export function registrationsOf(steps: readonly OnlineStep[]): readonly NamedRegistration[] {
  return steps
    .filter((step) => step.type === 'registry')
    .map((step, at) => ({
      agent: `registry-agent${at === 0 ? '' : `-${at + 1}`}`,
      registration: step.registration,
      step,
    }));
}

/** The line that asks the agent for a status and waits until the registry has it. */
export function registryLine({ agent, step }: NamedRegistration, to: keyof typeof registryDefaults.status): string {
  const { name, deadlineSeconds, onFailure } = step;
  const words = [quote(name), agent, registryDefaults.status[to], Math.round(deadlineSeconds * 100)];
  return `_registry ${words.join(' ')}${onFailure === 'warn' ? ' || :' : ''}`;
}

const { wanted, events, state } = agentFiles;

/**
 * `_registry STEP AGENT STATUS DEADLINE`. The question is put again and again, since the agent may just be started. An
 * app that was never online has nothing to take back.
 */
export const registryScript = compact(`
  _registry() {
    _begin
    _f=$_dir/$2 _why="no answer of $2"
    [ $3 = ${registryDefaults.status.ok} ] || [ -e "$_f.${wanted}" ] || return 0
    while :; do
      _n=$((_n + 1))
      read -r _v 2>/dev/null <"$_f.${wanted}" || _v=
      if [ $_n = 1 ] || [ -z "$_v" ]; then
        echo $3 >"$_f.\${$}" && mv "$_f.\${$}" "$_f.${wanted}" || _why="$_f.${wanted} can not be written"
      elif [ "$_v" != $3 ]; then _fail "$1" "another hook asked for status $_v"; return
      fi
      [ ! -p "$_f.${events}" ] || echo $_t 1<>"$_f.${events}"
      _nap 10
      _z=
      read -r _x _y _z _w 2>/dev/null <"$_f.${state}" || :
      if [ "\${_z:-0}" -ge $_t0 ]; then
        [ $_x.$_y != ok.$3 ] || return 0
        [ $_x != failed ] || _why=$_w
      fi
      _clock
      [ $((_t - _t0)) -lt $4 ] || break
    done
    _fail "$1" "$_why"
  }
`);
