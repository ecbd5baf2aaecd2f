import type { Gateway, GatewayLimit } from '../../gateways/index.js';

/** What the suite knows of the gateway under test, and what it can make it do. */
export interface GatewaySuiteContext {
  /** A new client of the same instance; the suite closes it. */
  readonly open: () => Gateway;
  /** Two upstreams that the suite may fill; it leaves its sources in them empty. */
  readonly upstreams: readonly [string, string];
  /** Origin of the data plane, and the headers that lead a request to an upstream; without it no traffic is sent. */
  readonly traffic?:
    { readonly url: string; readonly headers: (upstream: string) => Readonly<Record<string, string>> } | undefined;
  /** Address under which the gateway reaches servers that this process starts. Default 127.0.0.1. */
  readonly serverIp?: string | undefined;
  /** Kills the gateway without warning and starts it again; `open` leads to the new one. Without it restarts are skipped. */
  readonly restart?: (() => Promise<void>) | undefined;
  /** Makes one worker stop adopting revisions; gives the way back. Without it the case of waiting is skipped. */
  readonly stickWorker?:
    (() => Promise<{ readonly worker: string; readonly release: () => Promise<void> }>) | undefined;
}

export type GatewaySuiteResult = 'passed' | 'skipped';

/** One thing that every gateway holds, or that a limit of it names. */
export interface GatewaySuiteCase {
  /** A sentence, unique in the suite. */
  readonly name: string;
  readonly section: 'claims' | 'writes' | 'reading' | 'confirming' | 'restarts' | 'errors' | 'traffic';
  /** A gateway that names this limit skips the case. */
  readonly unless?: GatewayLimit;
  /** Only a gateway that names this limit runs the case. */
  readonly only?: GatewayLimit;
  /** Throws an AssertionError when the gateway does not hold it. */
  readonly run: (context: GatewaySuiteContext) => Promise<GatewaySuiteResult>;
}
