import type { AppKind } from './app-kind.js';
import type { HookDefaults } from './hook-defaults.js';
import type { ImageCatalogue } from './image-catalogue.js';
import type { JvmDefaults, LxcfsDefaults } from './jvm.js';
import type { LabelKeys } from './labels.js';
import type { PortRole } from './port.js';
import type { ResourceClass } from './resource-class.js';
import type { Environment } from './run-mode.js';

/** Names of the environment variables that every container gets. */
export interface VariableNames {
  readonly runMode: string;
  readonly app: string;
  readonly appVersion: string;
  readonly idc: string;
  readonly cluster: string;
  readonly env: string;
  readonly color: string;
  /** Service chain; set only in a project environment. */
  readonly sc: string;
  readonly podUid: string;
  readonly podName: string;
  readonly podNamespace: string;
  readonly podIp: string;
  readonly nodeName: string;
  /** One variable a port: this and the role in capitals, `PORT_HTTP`. */
  readonly portPrefix: string;
}

/**
 * The vocabulary of a company as plain data. {@link youzanConventions} is Youzan's; `defineConventions` replaces parts
 * of it. Whatever is made from the same conventions and the same input is the same, byte for byte.
 */
export interface Conventions {
  readonly labels: LabelKeys;
  /** Value of the label `managedBy`. */
  readonly managedBy: string;
  /** Port number of each role. */
  readonly ports: Readonly<Record<PortRole, number>>;
  /** Ports of agents beside the app, by agent; no app may open them. */
  readonly reservedPorts: Readonly<Record<string, number>>;
  /** Roles that take traffic: their members are published to the gateway. */
  readonly publishedRoles: readonly PortRole[];
  /** Weight of a server at the gateway, 0 to 1000. */
  readonly serverWeight: number;
  /** Request header with the service chain: `{"name":"<sc>"}`. */
  readonly serviceChainHeader: string;
  readonly kinds: Readonly<Record<string, AppKind>>;
  readonly environments: Readonly<Record<string, Environment>>;
  readonly hooks: HookDefaults;
  /** Requests and limits by a name that apps choose: `small`. */
  readonly resourceClasses: Readonly<Record<string, ResourceClass>>;
  /** Stacks and runtimes that apps' images are built on. */
  readonly images: ImageCatalogue;
  readonly jvm: JvmDefaults;
  readonly lxcfs: LxcfsDefaults;
  /** Seconds that a ready pod must stay ready before the rollout goes on: the time to reach the gateway. */
  readonly publishDeadlineSeconds: number;
  /** Seconds for the helpers to end after main, and for the entrypoint's own work. */
  readonly helperStopSeconds: number;
  readonly variables: VariableNames;
}
