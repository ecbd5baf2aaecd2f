import { request as httpRequest } from 'node:http';
import { YouzanKubeError } from '../../conventions/index.js';
import type { SyncPhase } from '../core/index.js';
import type { Explanation } from '../explain.js';
import type { SyncPlan } from '../plan.js';
import type { SyncStatus } from '../status.js';
import { type SyncControlAddress, tellAddress } from './address.js';
import type { SetTraffic } from '../k8s-sync.js';
import type { Steered, SteeredTraffic } from './commands.js';
import { errorOfBody } from './fault.js';

/** Commands to the syncers of a running process. Each throws what the other side refused, with its code. */
export interface SyncControl {
  /** The clusters that the process syncs. */
  clusters(): Promise<readonly { readonly cluster: string; readonly phase: SyncPhase; readonly leader: boolean }[]>;
  /** How the cluster, its gateways and its upstreams stand, and what the guards hold. */
  status(cluster: string): Promise<SyncStatus>;
  /** What a leader would write now, by a fresh look; at most 30 s. */
  plan(cluster: string): Promise<SyncPlan>;
  /** Why an address, a pod or an upstream is, or is not, in the gateways. */
  why(cluster: string, of: string): Promise<Explanation>;
  /** Nothing is removed until `unfreeze`, whichever process leads; see `kept` of the answer. */
  freeze(cluster: string, word: { readonly actor: string; readonly reason: string }): Promise<Steered>;
  /**
   * Takes a freeze back, whoever gave it.
   *
   * @throws YouzanKubeError `ORDERS_NOT_WRITTEN` when the Lease can't be written: then the freeze stays.
   */
  unfreeze(cluster: string, word: { readonly actor: string; readonly reason?: string }): Promise<Steered>;
  /**
   * Takes the whole cluster out of traffic (0), to a share of it, or back (100), whichever process leads.
   *
   * @throws YouzanKubeError `TRAFFIC_REFUSED`, `TRAFFIC_INVALID` and `ORDERS_NOT_WRITTEN`, as `K8sSync.setTraffic`.
   */
  setTraffic(cluster: string, order: SetTraffic): Promise<SteeredTraffic>;
  /** Reads the cluster, and what its gateways have, anew. */
  resync(cluster: string, word: { readonly actor: string; readonly reason?: string }): Promise<Steered>;
  /**
   * Lets go the servers of one upstream that the guards hold at this moment, once.
   *
   * @throws YouzanKubeError `CONTROL_UNKNOWN_UPSTREAM`, and `CONTROL_NOTHING_HELD` where there is nothing to let go.
   */
  override(
    cluster: string,
    word: { readonly upstream: string; readonly actor: string; readonly reason: string },
  ): Promise<Steered>;
}

/** Longer than the other side takes for a plan. */
const timeoutMs = 35_000;

/**
 * Speaks to a process that serves {@link serveSyncControl}; each command is a connection of its own.
 *
 * @throws YouzanKubeError `CONTROL_UNREACHABLE` (from each command) when nobody answers there.
 *
 * @example
 * const control = connectSyncControl({ socketPath: '/run/my-service/sync.sock' });
 * for (const { cluster } of await control.clusters()) console.log(await control.status(cluster));
 */
export function connectSyncControl(
  address: SyncControlAddress,
  { signal }: { readonly signal?: AbortSignal } = {},
): SyncControl {
  const get = <T>(path: string): Promise<T> => ask<T>(address, 'GET', path, undefined, signal);
  const post = <T extends Steered>(cluster: string, verb: string, body: object): Promise<T> =>
    ask<T>(address, 'POST', pathOf(cluster, verb), body, signal);
  return {
    clusters: async () =>
      (await get<{ clusters: Awaited<ReturnType<SyncControl['clusters']>> }>('/v1/clusters')).clusters,
    status: (cluster) => get(pathOf(cluster, 'status')),
    plan: (cluster) => get(pathOf(cluster, 'plan')),
    why: (cluster, of) => get(`${pathOf(cluster, 'why')}?of=${encodeURIComponent(of)}`),
    freeze: (cluster, word) => post(cluster, 'freeze', word),
    unfreeze: (cluster, word) => post(cluster, 'unfreeze', word),
    setTraffic: (cluster, order) => post(cluster, 'traffic', order),
    resync: (cluster, word) => post(cluster, 'resync', word),
    override: (cluster, word) => post(cluster, 'override', word),
  };
}

const pathOf = (cluster: string, command: string): string => `/v1/clusters/${encodeURIComponent(cluster)}/${command}`;

async function ask<T>(
  address: SyncControlAddress,
  method: string,
  path: string,
  body: object | undefined,
  signal: AbortSignal | undefined,
): Promise<T> {
  let answer: { readonly status: number; readonly text: string };
  try {
    answer = await exchange(address, method, path, body, signal);
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw unreachable(address, cause);
  }
  const parsed = jsonOf(answer.text);
  const error = errorOfBody(parsed);
  if (error !== undefined) throw error;
  if (answer.status === 200 && parsed !== undefined) return parsed as T;
  throw new YouzanKubeError(
    'CONTROL_BAD_ANSWER',
    `no syncer answers at ${tellAddress(address)}: HTTP ${answer.status}`,
  );
}

function exchange(
  address: SyncControlAddress,
  method: string,
  path: string,
  body: object | undefined,
  signal: AbortSignal | undefined,
): Promise<{ readonly status: number; readonly text: string }> {
  const place = 'socketPath' in address ? address : { host: address.host ?? '127.0.0.1', port: address.port };
  const deadline = AbortSignal.timeout(timeoutMs);
  const headers = {
    ...('token' in address && { authorization: `Bearer ${address.token}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      ...place,
      method,
      path,
      headers,
      agent: false,
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const waysOut: Readonly<Record<string, string>> = {
  ENOENT: 'start `youzan-kube sync` there, or name the socket that it said when it started',
  ECONNREFUSED: 'the process that made it is gone: start `youzan-kube sync` again',
  EACCES: 'only the user of the syncer may open its socket: run this as that user',
};

function unreachable(address: SyncControlAddress, cause: unknown): YouzanKubeError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason = cause instanceof Error ? cause.message : String(cause);
  const place = tellAddress(address);
  return new YouzanKubeError('CONTROL_UNREACHABLE', `no running syncer at ${place}: ${code || reason}`, {
    path: place,
    hint: waysOut[code] ?? 'check the address, and whether the syncer runs',
    cause,
  });
}
