/**
 * The state directory, `$YOUZAN_STATE_DIR` (default `/tmp/youzan`), is the contract between the entrypoint, the hooks
 * and people.
 *
 * - `state`: one line a process, `name state pid restarts since`, replaced as a whole at every change. The first line
 *   is the entrypoint's own; the others follow in the order of start. `pid` is `-` while there is none; `since` is in
 *   seconds since 1970.
 * - `stopping`: there from the moment when the `stop` hook asks for main's end. Main's end is then no crash: the
 *   entrypoint stays, with its helpers, until it gets TERM.
 * - `events`: a FIFO with the entrypoint at its end. A line `stop` asks it to stop main.
 * - `status`: a script that prints the state as a table. It exits with 0 while main is ready, and else with 1: for people
 *   (`kubectl exec POD -- sh /tmp/youzan/status`) and for exec probes.
 */
export const stateFiles = { state: 'state', stopping: 'stopping', events: 'events', status: 'status' } as const;

/** `waiting` for what it is `after`; `starting` until its gate passes; `backoff` before its next start. */
export type ProcessState = 'waiting' | 'starting' | 'ready' | 'backoff' | 'stopping' | 'exited';

/** `starting` until main is ready, `running`, `stopping` while main is being stopped, `ended` once main has ended. */
export type EntrypointState = 'starting' | 'running' | 'stopping' | 'ended';

/** One line of the state file. */
export interface StateLine {
  readonly name: string;
  readonly state: ProcessState | EntrypointState;
  readonly pid: number | undefined;
  readonly restarts: number;
  /** Seconds since 1970. */
  readonly since: number;
}

/** Reads a state file's text. Lines of another form are left out. */
export function parseState(text: string): StateLine[] {
  return text.split('\n').flatMap((line) => {
    const [, name, state, pid, restarts, since] = /^(\S+) (\w+) (\d+|-) (\d+) (\d+)$/.exec(line) ?? [];
    if (name === undefined || !isState(state)) return [];
    return [
      { name, state, pid: pid === '-' ? undefined : Number(pid), restarts: Number(restarts), since: Number(since) },
    ];
  });
}

const states = ['waiting', 'starting', 'ready', 'backoff', 'stopping', 'exited', 'running', 'ended'] as const;

function isState(text: string | undefined): text is StateLine['state'] {
  return states.some((state) => state === text);
}
