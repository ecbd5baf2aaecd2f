import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { isDnsLabel, YouzanKubeError } from '../../conventions/index.js';
import type { Gateway } from '../../gateways/index.js';
import { type SyncGuards, syncGuards, syncTimings } from '../core/index.js';
import type { ServersByUpstream } from './parse-servers-yaml.js';
import { type GatewayPut, putAtGateway, type PutJob, type PutTrouble } from './put-at-gateway.js';

export interface PutServersOptions {
  readonly gateways: readonly Gateway[];
  /** `vm.{idc}`: what clusters have is their syncers' own. */
  readonly source: string;
  /** All that the source is to have: an upstream that is not named is emptied. */
  readonly upstreams: ServersByUpstream;
  /** Lifts the guards, ours and the gateway's, for what this call removes. */
  readonly force?: { readonly reason: string; readonly actor: string };
  /** Look, and write nothing. Default false. */
  readonly dryRun?: boolean;
  readonly guards?: Partial<SyncGuards>;
  /** Between a drain that every worker has confirmed and the delete. Default 1,000 ms. */
  readonly drainGraceMs?: number;
  /** How long one gateway is tried for. Default 60,000 ms. */
  readonly deadlineMs?: number;
  /** Names this writer to the gateways; unique per call. Default: host name and a random UUID. */
  readonly writer?: string;
  /** Hears what goes wrong and is tried again. */
  readonly onTrouble?: (trouble: PutTrouble) => void;
  readonly signal?: AbortSignal;
}

export interface PutServersResult {
  readonly source: string;
  readonly gateways: readonly GatewayPut[];
}

/**
 * Replaces what one source of machines outside Kubernetes has, at each gateway by itself: what comes is added and confirmed
 * by every worker before what leaves is drained, and drained before it is deleted. A guard holds an upstream as it is. A
 * call that was cut short is made again: it goes on from what is there.
 *
 * @throws YouzanKubeError `SERVERS_SOURCE` for a source that is not `vm.{idc}`.
 *
 * @example
 * const { gateways } = await putServers({ gateways: [gateway], source: 'vm.bc', upstreams });
 * const failed = gateways.filter(({ outcome }) => outcome === 'failed');
 */
export async function putServers(options: PutServersOptions): Promise<PutServersResult> {
  const { source, gateways, upstreams } = options;
  checkMachineSource(source);
  const wanted = (present: ServersByUpstream): ServersByUpstream => ({
    ...Object.fromEntries(Object.keys(present).map((upstream) => [upstream, []])),
    ...upstreams,
  });
  return {
    source,
    gateways: await Promise.all(gateways.map((gateway) => putAtGateway(gateway, jobOf(options, wanted)))),
  };
}

/** What a put is, with its defaults. */
export function jobOf(options: Omit<PutServersOptions, 'gateways' | 'upstreams'>, wanted: PutJob['wanted']): PutJob {
  const { source, force, dryRun = false, onTrouble, signal, guards } = options;
  const { drainGraceMs = syncTimings.drainGraceMs, deadlineMs = 60_000, writer } = options;
  return {
    ...{ source, wanted, force, dryRun, onTrouble, signal, drainGraceMs, deadlineMs },
    guards: { ...syncGuards, ...guards },
    writer: writer ?? `${hostname()}_${randomUUID()}`,
  };
}

/** @throws YouzanKubeError `SERVERS_SOURCE`. */
export function checkMachineSource(source: string): void {
  const [kind, idc = '', ...more] = source.split('.');
  if (kind === 'vm' && isDnsLabel(idc) && more.length === 0) return;
  throw new YouzanKubeError('SERVERS_SOURCE', `"${source}" is no source of machines: vm.{idc}, such as vm.bc`, {
    hint: 'what a cluster has, k8s.{idc}.{cluster}, is written by its syncer alone',
  });
}
