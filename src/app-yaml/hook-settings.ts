import type { AppCommand } from './app-spec.js';

/** A step of the app's own: a command that must exit with 0, or an HTTP GET that must answer with a status. */
export type AppHookStep =
  | { readonly type: 'script'; readonly name: string; readonly command: AppCommand; readonly deadlineSeconds: number }
  | {
      readonly type: 'http';
      readonly name: string;
      readonly port: number;
      readonly path: string;
      /** Default: 200. */
      readonly expectStatus?: number;
      readonly deadlineSeconds: number;
    };

/** What an app has otherwise than the conventions' hooks; `false` leaves one out. Times are seconds. */
export interface HookSettings {
  readonly preload?:
    | {
        readonly path?: string;
        readonly expect?: string;
        readonly tries?: number;
        readonly intervalSeconds?: number;
        readonly deadlineSeconds?: number;
      }
    | false;
  readonly online?: { readonly deadlineSeconds?: number; readonly after?: readonly AppHookStep[] } | false;
  readonly offline?: { readonly deadlineSeconds?: number; readonly before?: readonly AppHookStep[] } | false;
  readonly drainSeconds?: number;
  readonly stop?: { readonly deadlineSeconds?: number };
}
