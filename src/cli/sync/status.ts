import type { Command } from 'commander';
import type { SyncStatus } from '../../k8s-sync/index.js';
import { type AskOptions, askEach, askingCommand } from './ask.js';
import { none, stacked, table, tellDuration } from './table.js';

/** So many rows a person reads; of more upstreams, only those where something is under way or wrong. */
const mostRows = 40;

/** `youzan-kube sync status`: how each cluster, gateway and upstream stands. */
export function statusCommand(): Command {
  return askingCommand(
    'status',
    'how each cluster, gateway and upstream stands, what the guards hold, and addresses of several sources',
  )
    .option('--cluster <names...>', 'these clusters only')
    .action((options: AskOptions) => askEach(options, (control, cluster) => control.status(cluster), statusText));
}

/** Tables of clusters, orders on their traffic, gateways, upstreams and holds. */
export function statusText(clusters: readonly SyncStatus[]): string {
  return stacked(
    clusterTable(clusters),
    trafficTable(clusters),
    gatewayTable(clusters),
    upstreamTable(clusters),
    holdTable(clusters),
    conflictTable(clusters),
  );
}

function clusterTable(clusters: readonly SyncStatus[]): string {
  return table(
    ['CLUSTER', 'PHASE', 'FOR', 'HEARTBEAT', 'LEADS', 'NODES', 'FROZEN', 'WHY'],
    clusters.map((one) => [
      one.cluster,
      one.phase,
      tellDuration(one.phaseForMs),
      one.heartbeatAgeMs === null ? none : `${tellDuration(one.heartbeatAgeMs)} ago`,
      one.epoch === null ? 'no' : `epoch ${one.epoch}`,
      nodesCell(one),
      frozenCell(one),
      one.phaseReason,
    ]),
  );
}

function nodesCell({ nodes: { sight, known, lost } }: SyncStatus): string {
  if (lost.length > 0) return `${lost.length} of ${known} lost`;
  return sight === 'seen' ? String(known) : sight;
}

function frozenCell({ frozenByOperator: frozen }: SyncStatus): string {
  if (frozen === null) return none;
  const { forMs, actor, reason } = frozen;
  return `${tellDuration(forMs)}${actor === undefined ? '' : ` by ${actor}`}${reason === undefined ? '' : `: ${reason}`}`;
}

function trafficTable(clusters: readonly SyncStatus[]): string {
  return table(
    ['CLUSTER', 'TRAFFIC', 'FOR', 'BY', 'REASON'],
    clusters.flatMap(({ cluster, traffic }) => {
      if (traffic === null) return [];
      const { percent, forMs, actor = none, reason = none } = traffic;
      return [[cluster, percent === null ? 'as it was' : `${percent} %`, tellDuration(forMs), actor, reason]];
    }),
  );
}

function gatewayTable(clusters: readonly SyncStatus[]): string {
  return table(
    ['CLUSTER', 'GATEWAY', 'STAGE', 'APPLIED', 'AWAITED', 'LAGGING', 'UNCONFIRMED', 'LAST ERROR'],
    clusters.flatMap(({ cluster, gateways }) =>
      gateways.map((one) => [
        cluster,
        one.gateway,
        one.stage,
        one.applied,
        one.awaited ?? none,
        one.lagging.join(',') || none,
        one.unconfirmed,
        one.lastError === null ? none : `${tellDuration(one.lastError.ageMs)} ago: ${one.lastError.message}`,
      ]),
    ),
  );
}

interface UpstreamRow {
  readonly isSettled: boolean;
  readonly cells: readonly (string | number)[];
}

function upstreamTable(clusters: readonly SyncStatus[]): string {
  const rows = clusters.flatMap(upstreamRows);
  const shown = rows.length <= mostRows ? rows : rows.filter(({ isSettled }) => !isSettled).slice(0, mostRows);
  const heads = ['CLUSTER', 'UPSTREAM', 'READY', 'GATEWAY', 'UP', 'DRAIN', 'HELD', 'UNCONFIRMED', 'LAST ERROR'];
  const text = table(
    heads,
    shown.map(({ cells }) => cells),
  );
  if (shown.length === rows.length) return text;
  const settled = rows.filter(({ isSettled }) => isSettled).length;
  return `${text}${rows.length - shown.length} rows are not shown, ${settled} of all are settled: --json has all\n`;
}

function upstreamRows({ cluster, upstreams }: SyncStatus): UpstreamRow[] {
  return upstreams.flatMap(({ upstream, ready, members, held, gateways }) =>
    gateways.map(({ gateway, up, drain, writing, unconfirmed, lastError }) => ({
      isSettled: ready === up && drain + held + unconfirmed === 0 && !writing && lastError === null,
      cells: [cluster, upstream, `${ready}/${members}`, gateway, up, drain, held, unconfirmed, lastError ?? none],
    })),
  );
}

function holdTable(clusters: readonly SyncStatus[]): string {
  const rows = clusters.flatMap(({ cluster, holds }) =>
    holds.flatMap(({ upstream, color, sc, guard, forMs, servers }) =>
      servers.map(({ address, pod, doubt, proof }) => [
        cluster,
        upstream,
        sc === '' ? color : `${color}/${sc}`,
        guard,
        tellDuration(forMs),
        address,
        pod ?? none,
        doubt === null ? (proof ?? 'not looked up yet') : `not added: ${doubt}`,
      ]),
    ),
  );
  const heads = ['CLUSTER', 'HELD', 'COLOR', 'GUARD', 'FOR', 'SERVER', 'POD', 'POD IS'];
  const hidden = rows.length - mostRows;
  return `${table(heads, rows.slice(0, mostRows))}${hidden > 0 ? `${hidden} more servers are held: --json has all\n` : ''}`;
}

function conflictTable(clusters: readonly SyncStatus[]): string {
  const rows = clusters.flatMap(({ cluster, conflicts }) =>
    conflicts.map(({ upstream, gateway, address, sources }) => [
      cluster,
      upstream,
      gateway,
      address,
      sources.map(({ source, state }) => `${source} ${state}`).join(', '),
    ]),
  );
  const hidden = rows.length - mostRows;
  const text = table(['CLUSTER', 'CONFLICT', 'GATEWAY', 'ADDRESS', 'SOURCES'], rows.slice(0, mostRows));
  return `${text}${hidden > 0 ? `${hidden} more addresses are of several sources: --json has all\n` : ''}`;
}
