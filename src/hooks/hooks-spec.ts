import type { ProcessSpec } from '../rich-container/index.js';
import type { HookStep, OnlineStep } from './step.js';

/** Polls the app's health until it is warm. */
export interface PreloadSpec {
  /** Default: the conventions' port of the health's role, 8001. */
  readonly port?: number;
  /** Default: the conventions', `/health`. */
  readonly path?: string;
  /**
   * A word (letters, digits, `_`) that must stand in the body of an answer 200; `false` takes any body. Default: the
   * conventions', `UP`.
   */
  readonly expect?: string | false;
  /** Default: the conventions'. */
  readonly tries?: number;
  /** Seconds from one try to the next. Default: the conventions'. */
  readonly intervalSeconds?: number;
  /** For the polling. Default: the conventions'. */
  readonly deadlineSeconds?: number;
  /** Run once the app is up, before online: calls that warm its caches. Default: none. */
  readonly after?: readonly HookStep[];
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
  readonly online?: (SwitchSpec & { /** Run after the switch. */ readonly after?: readonly OnlineStep[] }) | false;
  /** What `online.after` registers is taken back before these steps. */
  readonly offline?: (SwitchSpec & { /** Run before the switch. */ readonly before?: readonly HookStep[] }) | false;
  /** Seconds from offline to stop, in which the gateway drains and requests in flight end. Default: the conventions'. */
  readonly drainSeconds?: number;
  /** Stops main through the entrypoint and waits for its end. */
  readonly stop?:
    | {
        /** Longer than main's grace. Default: the conventions'. */
        readonly deadlineSeconds?: number;
        /** Run after the drain, before main is stopped. Default: none. */
        readonly before?: readonly HookStep[];
      }
    | false;
}

/** The longest that each part of preStop takes, whole seconds, the app's own steps included. */
export interface PreStopSeconds {
  readonly offline: number;
  readonly drain: number;
  readonly stop: number;
}

/** The scripts of one app's hooks, each for `/bin/sh -c`. */
export interface Hooks {
  /** Undefined when neither preload nor online is wanted. */
  readonly postStart: string | undefined;
  readonly preStop: string;
  /** For `renderEntrypoint`: runs when main ended unasked, since preStop does not run then. */
  readonly offline: { readonly script: string; readonly deadlineSeconds: number } | undefined;
  /** Helpers that the steps need beside them, for `renderEntrypoint`: one for each registration. */
  readonly agents: readonly ProcessSpec[];
  /** The longest that each hook takes. The pod's grace must be at least preStop's and the entrypoint's together. */
  readonly budgetSeconds: { readonly postStart: number; readonly preStop: number };
}
