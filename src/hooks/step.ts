import type { Command } from '../rich-container/index.js';
import type { Registration } from './registry/registration.js';

/** How often and how long a step is tried. A step whose deadline is over is not tried again. */
export interface StepTries {
  /** How often it is tried again. */
  readonly retries?: number;
  /** Seconds from the end of one try to the next. */
  readonly intervalSeconds?: number;
  /** For all tries together. */
  readonly deadlineSeconds: number;
}

/**
 * A request at `$YOUZAN_HOST`, tried again until it is answered as wanted. Default of `retries`: as many as the deadline
 * lets; of `intervalSeconds`: 0.5.
 */
export interface HttpStep extends StepTries {
  readonly type: 'http';
  /** Stands in messages. */
  readonly name: string;
  readonly port: number;
  /** With the query; starts with `/`. */
  readonly path: string;
  /** Default: `GET`. */
  readonly method?: 'GET' | 'POST';
  /** JSON, of a POST. Default: empty. */
  readonly body?: string;
  /** Default: 200. */
  readonly expectStatus?: number;
}

/**
 * A command that must exit with 0. Hooks run at least once, so it must bear being run again. Default of `retries`: 0; of
 * `intervalSeconds`: 1.
 */
export interface ScriptStep extends StepTries {
  readonly type: 'script';
  readonly name: string;
  readonly command: Command;
}

/** Lets time pass. */
export interface WaitStep {
  readonly type: 'wait';
  readonly name: string;
  readonly seconds: number;
}

/**
 * Registers a service of the app with RPC's registry: its status is OK once this step is done, and UNREG before the
 * steps of offline, also when main crashed. Between them a helper keeps it alive.
 */
export interface RegistryStep {
  readonly type: 'registry';
  readonly name: string;
  readonly registration: Registration;
  /** For either step: until the registry has it. */
  readonly deadlineSeconds: number;
  /** `warn`: online is done without it, and the helper tries on. Default: `fail`. */
  readonly onFailure?: 'fail' | 'warn';
}

/** A step of the app's own, beside those of the hook. */
export type HookStep = HttpStep | ScriptStep | WaitStep;
/** What may follow the switch to online. */
export type OnlineStep = HookStep | RegistryStep;

/** Defaults of the steps; a registration's are in `registryDefaults`. */
export const stepDefaults = {
  http: { intervalSeconds: 0.5, expectStatus: 200, method: 'GET' },
  script: { retries: 0, intervalSeconds: 1 },
  /** More retries than this are no number that somebody meant. */
  mostRetries: 1000,
} as const;
