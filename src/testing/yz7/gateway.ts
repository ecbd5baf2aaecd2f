import { randomBytes } from 'node:crypto';
import type http from 'node:http';
import { createAdminServer } from './admin.js';
import { startDataPlane } from './data-plane.js';
import { AdminFaults, type Yz7Faults } from './faults.js';
import { Guards } from './guards.js';
import { listen, type Listener } from './listener.js';
import { metricsText } from './metrics.js';
import { ResourcesApi } from './resources-api.js';
import { SourceWriter } from './source-writes.js';
import { SourcesApi } from './sources-api.js';
import { Counters, total, type Yz7Stats } from './stats.js';
import { StatusApi } from './status-api.js';
import { Store } from './store.js';
import type { Yz7Token } from './tokens.js';
import { Worker } from './worker.js';

export interface EmbeddedYz7Options {
  /** The instance's name in the fleet. */
  readonly name: string;
  /** The IDC whose servers are chosen first. */
  readonly idc: string;
  /** Folder of the durable store, made when it is absent. Default: everything is kept in memory only. */
  readonly storeDir?: string | undefined;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: any free port. */
  readonly adminPort?: number | undefined;
  /** Default 0: any free port. */
  readonly dataPort?: number | undefined;
  /** Simulated worker processes, default 2. */
  readonly workers?: number | undefined;
  /** Default: one random token that may write everything. */
  readonly tokens?: readonly Yz7Token[] | undefined;
  /** Share of serving servers that a source may lose at once; default 0.5. */
  readonly maxShrinkRatio?: number | undefined;
  /** Largest body of an admin request in bytes; default 4 MiB. */
  readonly bodyLimitBytes?: number | undefined;
  /** The log is compacted when it is larger than this; default 8 MiB. */
  readonly compactBytes?: number | undefined;
  /** Unix time in milliseconds, for the guards' 60 s and slow start. Default: a clock that never jumps. */
  readonly now?: (() => number) | undefined;
}

/** A gateway that runs in this process. */
export interface EmbeddedYz7 {
  readonly name: string;
  readonly idc: string;
  /** Origin of the admin API, without `/admin/v1`. */
  readonly adminUrl: string;
  /** Origin of the reverse proxy. */
  readonly dataUrl: string;
  /** The first of the tokens. */
  readonly token: string;
  readonly storeId: string;
  readonly faults: Yz7Faults;
  stats(): Yz7Stats;
  /** Ends every connection and closes the store; safe to call twice. */
  stop(): Promise<void>;
}

function statsOf(store: Store, counters: Counters): Yz7Stats {
  return structuredClone({
    revision: store.state.revision,
    writes: Object.fromEntries(counters.writes),
    claims: Object.fromEntries(counters.claims),
    history: counters.history,
    requests: total(counters.requests),
    retries: total(counters.retries),
    staleConnections: total(counters.staleConnections),
    connectFailures: total(counters.connectFailures),
    noServer: total(counters.noServer),
    cut: total(counters.cut),
  });
}

/**
 * Starts a yz7 gateway of `yz7-contract.md` in this process: the admin API and a reverse proxy, each on a port of its
 * own. Meant for tests and demos. The proxy finds an upstream by `/routes`; when no route matches, the Host header may
 * name the upstream itself (`Host: trade-core.http`). It adds `X-Yz7-Server: ip:port` to every answer. A request whose
 * server is deleted is cut: only `drain` lets it finish.
 *
 * @throws Error when a port is taken or the store's folder can't be read.
 *
 * @example
 * const gateway = await startEmbeddedYz7({ name: 'yz7-bc', idc: 'bc' });
 * const writer = createYz7Gateway({ name: gateway.name, idc: gateway.idc, url: gateway.adminUrl, token: gateway.token });
 * await writer.claim('k8s.bc.bc-a', { generation: '1', writer: 'me' });
 * await gateway.stop();
 */
export async function startEmbeddedYz7(options: EmbeddedYz7Options): Promise<EmbeddedYz7> {
  const { name, idc, storeDir, host = '127.0.0.1' } = options;
  const now = options.now ?? ((): number => performance.timeOrigin + performance.now());
  const tokens = options.tokens ?? [{ token: randomBytes(24).toString('base64url'), sources: ['*'] }];
  const store = await Store.open(storeDir, options.compactBytes ?? 8 * 1024 * 1024);
  const counters = new Counters();
  const faults = new AdminFaults();
  const workers: Worker[] = [];
  const status = new StatusApi(store, workers);
  for (let number = 1; number <= (options.workers ?? 2); number += 1) {
    workers.push(new Worker(`worker-${number}`, idc, store.published, now, () => status.noteApplied()));
  }
  store.subscribe((snapshot) => {
    for (const worker of workers) worker.offer(snapshot);
  });
  const writer = new SourceWriter(store, new Guards(options.maxShrinkRatio ?? 0.5), counters, now);
  const adminServer = (): http.Server =>
    createAdminServer({
      store,
      sources: new SourcesApi(store, writer, counters, faults),
      resources: new ResourcesApi(store),
      status,
      faults,
      tokens,
      bodyLimitBytes: options.bodyLimitBytes ?? 4 * 1024 * 1024,
      metrics: () => metricsText(store, workers, counters),
    });
  const admin = await listen(adminServer(), host, options.adminPort ?? 0);
  const data = await startDataPlane(host, options.dataPort ?? 0, workers, counters);
  let adminListener: Listener | undefined = admin;

  const setDown = async (on: boolean): Promise<void> => {
    if (on) {
      await adminListener?.stop();
      adminListener = undefined;
    } else {
      adminListener ??= await listen(adminServer(), host, admin.port);
    }
  };
  const setLag = (worker: string, lag: number | 'stuck'): void => {
    const found = workers.find((candidate) => candidate.name === worker);
    if (!found) throw new Error(`there is no ${worker}; there are ${workers.map((each) => each.name).join(', ')}`);
    found.setLag(lag);
  };
  const knobs: Yz7Faults = {
    refuseWrites: (pattern, code) => faults.refuse(pattern, code),
    acceptWrites: () => faults.acceptAll(),
    slow: (ms) => void (faults.slowMs = ms),
    nonsense: (on) => void (faults.isNonsense = on),
    hang: (on) => faults.setHang(on),
    down: setDown,
    lag: setLag,
    clear: async () => {
      faults.acceptAll();
      faults.slowMs = 0;
      faults.isNonsense = false;
      faults.setHang(false);
      for (const worker of workers) worker.setLag(0);
      await setDown(false);
    },
  };
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    faults.setHang(false);
    await Promise.all([adminListener?.stop(), data.stop()]);
    for (const worker of workers) worker.close();
    await store.close();
  };
  return {
    name,
    idc,
    adminUrl: admin.url,
    dataUrl: data.url,
    token: tokens[0]?.token ?? '',
    get storeId() {
      return store.id;
    },
    faults: knobs,
    stats: () => statsOf(store, counters),
    stop: () => (stopping ??= stop()),
  };
}
