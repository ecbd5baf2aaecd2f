import type { PortRole } from './port.js';

/** An HTTP address of the app's own container: a port role and a path with query. */
export interface LocalEndpoint {
  readonly role: PortRole;
  readonly path: string;
}

/** Paths and times of the lifecycle hooks. Times are seconds. */
export interface HookDefaults {
  /**
   * `preload` polls this until it answers 200 with the word `expect` in its body, as in `{"status":"UP"}`; with `false` any
   * body will do.
   */
  readonly health: LocalEndpoint & { readonly expect: string | false };
  /** Asked by the readiness probe: 200 when online, 404 when offline. */
  readonly switch: LocalEndpoint;
  /** Queries of `switch`, without the question mark. */
  readonly onlineQuery: string;
  readonly offlineQuery: string;
  /** Tries at `intervalSeconds`, all within `deadlineSeconds`. */
  readonly preload: { readonly tries: number; readonly intervalSeconds: number; readonly deadlineSeconds: number };
  readonly online: { readonly deadlineSeconds: number };
  readonly offline: { readonly deadlineSeconds: number };
  /** From offline to stop: requests under way end, callers hear that the pod leaves. */
  readonly drainSeconds: number;
  /** From TERM to KILL for the main process. */
  readonly stop: { readonly deadlineSeconds: number };
}
