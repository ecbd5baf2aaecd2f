import type { PortRole } from '../conventions/index.js';
import type { AppCommand } from './app-spec.js';

/** How often and how long a step is tried. */
export interface StepTries {
  /** Stands in messages. */
  readonly name: string;
  /** How often it is tried again. Default: a request as often as its deadline lets, a script not at all. */
  readonly retries?: number;
  /** From the end of one try to the next. Default: 0.5 for a request, 1 for a script. */
  readonly intervalSeconds?: number;
  /** For all tries together. */
  readonly deadlineSeconds: number;
}

/**
 * A step of the app's own: a command that must exit with 0, a request that must be answered with a status, or a wait.
 */
export type AppHookStep =
  | (StepTries & { readonly type: 'script'; readonly command: AppCommand })
  | (StepTries & {
      readonly type: 'http';
      readonly port: number;
      readonly path: string;
      /** Default: `GET`. */
      readonly method?: 'GET' | 'POST';
      /** JSON, of a POST. Default: empty. */
      readonly body?: string;
      /** Default: 200. */
      readonly expectStatus?: number;
    })
  | { readonly type: 'wait'; readonly name: string; readonly seconds: number };

/** A service of the app in the registry of RPC services. */
export interface RegistrySettings {
  /** Default: `nova`. */
  readonly protocol?: string;
  /** Default: `com.youzan.service`. */
  readonly namespace?: string;
  /** Default: the app's name. */
  readonly service?: string;
  /** Role of a port of the app. Default: `rpc`. */
  readonly port?: PortRole;
  /** 0 to 1000. Default: the conventions'. */
  readonly weight?: number;
  /** Any text, most often JSON. Default: empty. */
  readonly extData?: string;
  /** etcd's addresses, `http://10.0.0.1:2379`. Default: those of the variable `YOUZAN_REGISTRY`. */
  readonly endpoints?: readonly string[];
}

/** What may follow the switch to online: a registration, too, which is taken back before offline. */
export type AppOnlineStep =
  | AppHookStep
  | {
      readonly type: 'registry';
      readonly name: string;
      readonly registry: RegistrySettings;
      readonly deadlineSeconds: number;
      /** `warn`: online is done without it. Default: `fail`. */
      readonly onFailure?: 'fail' | 'warn';
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
        readonly after?: readonly AppHookStep[];
      }
    | false;
  readonly online?: { readonly deadlineSeconds?: number; readonly after?: readonly AppOnlineStep[] } | false;
  readonly offline?: { readonly deadlineSeconds?: number; readonly before?: readonly AppHookStep[] } | false;
  readonly drainSeconds?: number;
  readonly stop?: { readonly deadlineSeconds?: number; readonly before?: readonly AppHookStep[] };
}
