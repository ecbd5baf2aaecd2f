import type { PortTable } from '../conventions/index.js';
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
}
