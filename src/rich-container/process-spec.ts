/** A program and its arguments, passed on unchanged, or a text for `/bin/sh -c`. */
export type Command = readonly string[] | { readonly shell: string };

/** When a process counts as ready. Every gate has a deadline; past it the container fails. */
export type Gate =
  | {
      /** Ready when the command exits with 0. A try may take 5 s. */
      readonly type: 'exec';
      readonly command: Command;
      readonly deadlineSeconds: number;
    }
  | {
      /** Ready when `$YOUZAN_HOST:port` accepts a connection. */
      readonly type: 'tcp';
      readonly port: number;
      readonly deadlineSeconds: number;
    }
  | {
      /** Ready when GET `path` at `$YOUZAN_HOST:port` answers 200 to 399. */
      readonly type: 'http';
      readonly port: number;
      /** Starts with `/`. */
      readonly path: string;
      readonly deadlineSeconds: number;
    }
  | {
      /** Ready when the path exists. A relative path is taken from the state directory. */
      readonly type: 'file';
      readonly path: string;
      readonly deadlineSeconds: number;
    };

/** Signals that a process can be sent, without `SIG`. */
export type SignalName = 'TERM' | 'INT' | 'QUIT' | 'HUP' | 'USR1' | 'USR2' | 'WINCH' | 'KILL';

/** What a process gets instead of the signal that the container got; `TERM` is the signal that stops it. */
export type SignalTable = Readonly<Partial<Record<'TERM' | 'HUP' | 'USR1' | 'USR2', SignalName>>>;

/**
 * One process of a rich container. Exactly one is the main process: its end is the container's end. The others are
 * helpers: one that ends is started again, after 0.5 s, twice as long each time, at most 30 s, and from 0.5 s again
 * when it was up for 30 s.
 *
 * A process has a session and process group of its own, which is stopped as a whole. The container's own variables
 * reach it unchanged; of names that no shell can hold (`a.b`) dash and busybox drop the variable.
 *
 * @example
 * const processes: ProcessSpec[] = [
 *   { name: 'log-agent', command: ['filebeat', '-e'], ready: { type: 'http', port: 2280, path: '/ready', deadlineSeconds: 10 } },
 *   { name: 'app', main: true, command: ['node', 'app.mjs'], after: ['log-agent'] },
 * ];
 */
export interface ProcessSpec {
  /** Lower-case letters, digits and dashes, at most 63; not `entrypoint`. */
  readonly name: string;
  readonly command: Command;
  readonly main?: true;
  /** Names of the processes that must be ready before this one starts. Default: none. */
  readonly after?: readonly string[];
  /** Default: ready as soon as it is started. */
  readonly ready?: Gate;
  /** Signals to send instead of others, for example `{ TERM: 'QUIT' }` for nginx. HUP, USR1 and USR2 reach only main. */
  readonly signals?: SignalTable;
  /** Seconds from TERM to KILL. Default: a helper 5 s, at most half of the whole among all helpers; main the rest. */
  readonly graceSeconds?: number;
  /** `prefix` puts the process's name before each line of its output. Default: `raw`. */
  readonly output?: 'raw' | 'prefix';
}
