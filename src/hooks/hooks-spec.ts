import type { Command } from '../rich-container/index.js';

/** A GET at `$YOUZAN_HOST`, tried again every 0.5 s until it answers as wanted or its deadline is over. */
export interface HttpStep {
  readonly type: 'http';
  /** Stands in messages. */
  readonly name: string;
  readonly port: number;
  /** With the query; starts with `/`. */
  readonly path: string;
  /** Default 200. */
  readonly expectStatus?: number;
  readonly deadlineSeconds: number;
}

/** A command that must exit with 0 within its deadline. Hooks run at least once, so it must bear being run again. */
export interface ScriptStep {
  readonly type: 'script';
  readonly name: string;
  readonly command: Command;
  readonly deadlineSeconds: number;
}

export type HookStep = HttpStep | ScriptStep;

/** Polls the app's health until it is warm. */
export interface PreloadSpec {
  /** Default: the conventions' port of the health's role, 8001. */
  readonly port?: number;
  /** Default: the conventions', `/health`. */
  readonly path?: string;
  /** A word (letters, digits, `_`) that must stand in the body of an answer 200. Default: the conventions', `UP`. */
  readonly expect?: string;
  /** Default: the conventions'. */
  readonly tries?: number;
  /** Seconds from one try to the next. Default: the conventions'. */
  readonly intervalSeconds?: number;
  /** For the whole preload. Default: the conventions'. */
  readonly deadlineSeconds?: number;
}

/** Turns the HTTP switch. */
export interface SwitchSpec {
  /** Default: the conventions' port of the switch's role, 8030. */
  readonly port?: number;
  /** With the query. Default: the conventions', `/_HB_.php?service=online` or `/_HB_.php?service=offline`. */
  readonly path?: string;
  /** Default: the conventions'. */
  readonly deadlineSeconds?: number;
}

/** What {@link renderHooks} makes scripts of. `false` leaves a hook out, for an app without such a port. */
export interface HooksSpec {
  readonly preload?: PreloadSpec | false;
  readonly online?: (SwitchSpec & { /** Run after the switch. */ readonly after?: readonly HookStep[] }) | false;
  readonly offline?: (SwitchSpec & { /** Run before the switch. */ readonly before?: readonly HookStep[] }) | false;
  /** Seconds from offline to stop, in which the gateway drains and requests in flight end. Default: the conventions'. */
  readonly drainSeconds?: number;
  /** Stops main through the entrypoint and waits for its end. */
  readonly stop?:
    { /** Longer than main's grace. Default: the conventions'. */ readonly deadlineSeconds?: number } | false;
}

/** The scripts of one app's hooks, each for `/bin/sh -c`. */
export interface Hooks {
  /** Undefined when neither preload nor online is wanted. */
  readonly postStart: string | undefined;
  readonly preStop: string;
  /** For `renderEntrypoint`: runs when main ended unasked, since preStop does not run then. */
  readonly offline: { readonly script: string; readonly deadlineSeconds: number } | undefined;
  /** The longest that each hook takes. The pod's grace must be at least preStop's and the entrypoint's together. */
  readonly budgetSeconds: { readonly postStart: number; readonly preStop: number };
}
