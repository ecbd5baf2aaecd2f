import { newProcess, type Scene, setProcess } from './process.js';
import type { Call, ModelState } from './state.js';

/** A new process starts; the former one has died, or believes for a while yet that it leads. */
export function replaceProcess(scene: Scene, state: ModelState, former: string, livesOn: boolean): ModelState {
  const name = `p${Number(former.slice(1)) + 1}`;
  const left = livesOn ? setProcess(state, former, { lease: 'stale' }) : leave(state, former);
  const processes = { ...left.processes, [name]: newProcess(scene, name) };
  return { ...left, processes, cluster: { ...left.cluster, holder: '' } };
}

/** What it had sent may still arrive. */
export function leave(state: ModelState, name: string): ModelState {
  const processes = Object.fromEntries(Object.entries(state.processes).filter(([other]) => other !== name));
  const calls = state.calls.flatMap((call): Call[] => {
    if (call.process !== name) return [call];
    const mayArrive = call.stage !== 'answered' && (call.ask.type === 'write' || call.ask.type === 'claim');
    return mayArrive ? [{ ...call, stage: 'orphan' }] : [];
  });
  return { ...state, processes, calls };
}
