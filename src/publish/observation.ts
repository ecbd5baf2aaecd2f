// What one look at a cluster and its gateways has seen: plain data, from which `comparePublished` decides.
import type { Member, Server } from '../members/index.js';

/** Which workloads are looked at. */
export interface PublishScope {
  readonly namespace: string;
  readonly app: string;
  /** Default: every color. */
  readonly color?: string | undefined;
  /** Service chain; empty means those without one. Default: every one. */
  readonly sc?: string | undefined;
  /** Only pods of this pod template may serve. Needs `color` and `sc`: other workloads have other templates. */
  readonly templateHash?: string | undefined;
}

/** A pod, as far as publishing is concerned. */
export interface PodView {
  readonly name: string;
  readonly uid: string;
  /** Empty while it has none. */
  readonly ip: string;
  /** Its addresses in further networks, by the networks' label values. */
  readonly networkAddresses?: Readonly<Record<string, string>>;
  readonly ready: boolean;
  readonly terminating: boolean;
  /** Empty when it has none. */
  readonly templateHash: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Container ports by name. */
  readonly ports: Readonly<Record<string, number>>;
}

/** A Service with its published ports only. */
export interface ServiceView {
  readonly name: string;
  readonly color: string;
  readonly sc: string;
  /** Label value of the second network whose addresses are published. Default: the pods' own addresses. */
  readonly network?: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly role: string; readonly target: string | number }[];
}

/** A Deployment's word on how many pods there should be. */
export interface WorkloadView {
  readonly name: string;
  readonly color: string;
  readonly sc: string;
  readonly replicas: number;
  /** Its controller has seen this generation. */
  readonly observed: boolean;
}

/** What one gateway instance has of the cluster's source. */
export interface GatewayView {
  readonly name: string;
  /** Why it could not be asked; then the rest is empty. */
  readonly error?: string | undefined;
  readonly servingWorkers: number;
  readonly contents: readonly GatewayContent[];
}

export interface GatewayContent {
  readonly upstream: string;
  readonly servers: readonly Server[];
  /** Serving workers that do not have this content yet. */
  readonly lagging: readonly string[];
}

export interface PublishObservation {
  readonly scope: PublishScope;
  readonly services: readonly ServiceView[];
  readonly workloads: readonly WorkloadView[];
  readonly podsBefore: readonly PodView[];
  readonly members: readonly Member[];
  readonly gateways: readonly GatewayView[];
  readonly podsAfter: readonly PodView[];
}
