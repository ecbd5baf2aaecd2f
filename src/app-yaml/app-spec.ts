import type { PortRole, PortTable } from '../conventions/index.js';
import type { HookSettings } from './hook-settings.js';

/** A program and its arguments, or a text for `/bin/sh -c`. */
export type AppCommand = readonly string[] | { readonly shell: string };

/** When a helper counts as ready. Every gate has a deadline; past it the container fails. */
export type ReadyGate =
  | { readonly type: 'exec'; readonly command: AppCommand; readonly deadlineSeconds: number }
  | { readonly type: 'tcp'; readonly port: number; readonly deadlineSeconds: number }
  | { readonly type: 'http'; readonly port: number; readonly path: string; readonly deadlineSeconds: number }
  | { readonly type: 'file'; readonly path: string; readonly deadlineSeconds: number };

/** A process beside the app in its container. */
export interface HelperSpec {
  readonly name: string;
  readonly command: AppCommand;
  /** Helpers that must be ready before this one starts. */
  readonly after: readonly string[];
  /** Without a gate it is ready as soon as it is started. */
  readonly ready?: ReadyGate;
}

/** Requests and limits of a container, as Kubernetes quantities. */
export interface ResourceSettings {
  readonly requests?: { readonly cpu?: string; readonly memory?: string };
  readonly limits?: { readonly cpu?: string; readonly memory?: string };
}

/**
 * What a probe has otherwise than by default. With a `path` it asks by HTTP for an answer below 400; with a `port` alone it
 * opens a connection.
 */
export interface ProbeSettings {
  /** Default: the port that the probe asks by default. */
  readonly port?: PortRole;
  readonly path?: string;
  /** Whole seconds from one try to the next. */
  readonly periodSeconds?: number;
  /** Whole seconds for a try. */
  readonly timeoutSeconds?: number;
  /** Tries in a row that must fail. */
  readonly failureThreshold?: number;
}

/** The probes of an app's own container. */
export interface ProbeSet {
  /** Always there; asks the switch by default. */
  readonly readiness?: ProbeSettings;
  /** Ends the container when the app hangs; asks the health by default. Default: none. */
  readonly liveness?: ProbeSettings;
  /** Holds the others back until the app is up; asks the health by default. Default: none, `preload` does that. */
  readonly startup?: ProbeSettings;
}

/** An app as its app.yaml describes it, checked and completed by the conventions. Plain data. */
export interface AppSpec {
  readonly name: string;
  /** `java`, `node`, `python`, `php`, `static`, `generic`, or a kind of the company's own. */
  readonly kind: string;
  /** Operating system layer of the image: `youzanyun-centos6`. */
  readonly stack: string;
  /** Runtime layer of the image: `python-2.7`. */
  readonly runtime: string;
  /** The business process. */
  readonly entrypoint: AppCommand;
  /** Helpers that must be ready before the business process starts. */
  readonly after: readonly string[];
  /** The kind's ports, with the app's own in their place. */
  readonly ports: PortTable;
  /** The kind's variables, with the app's own in their place. */
  readonly env: Readonly<Record<string, string>>;
  readonly helpers: readonly HelperSpec[];
  readonly hooks: HookSettings;
  readonly resources: ResourceSettings;
  readonly probes: ProbeSet;
  /** Pods of a Deployment that a release creates; one that is there keeps its own number. Default: 1. */
  readonly replicas?: number;
}
