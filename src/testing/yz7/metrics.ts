import type { Counters, WriteCounts } from './stats.js';
import type { Store } from './store.js';
import type { Worker } from './worker.js';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

const escape = (text: string): string => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

function family(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escape(text)}"`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

const byUpstream = (counters: ReadonlyMap<string, number>): Sample[] =>
  [...counters].map(([upstream, value]) => [{ upstream }, value]);

function byUpstreamAnd(label: string, counters: ReadonlyMap<string, number>): Sample[] {
  return [...counters].map(([key, value]) => {
    const cut = key.lastIndexOf('|');
    return [{ upstream: key.slice(0, cut), [label]: key.slice(cut + 1) }, value];
  });
}

function byResult(counts: ReadonlyMap<string, WriteCounts>): Sample[] {
  return [...counts].flatMap(([source, { accepted, unchanged, refused }]) =>
    Object.entries({ accepted, unchanged, ...refused }).map(([result, value]): Sample => [{ source, result }, value]),
  );
}

function serversByState(store: Store): Sample[] {
  return store
    .views()
    .flatMap(({ upstream, servers }) =>
      ['up', 'drain', 'down'].map((state): Sample => [
        { upstream, state },
        servers.filter((server) => server.state === state).length,
      ]),
    );
}

/** The Prometheus text of one instance. */
export function metricsText(store: Store, workers: readonly Worker[], counters: Counters): string {
  const conflicts = store.views().map(({ upstream, conflicts: { length } }): Sample => [{ upstream }, length]);
  const applied = workers.map(({ name, appliedRevision }): Sample => [{ worker: name }, appliedRevision]);
  return [
    family('yz7_requests_total', 'counter', 'Answered requests.', byUpstreamAnd('code', counters.requests)),
    family('yz7_retries_total', 'counter', 'Requests sent again to another server.', byUpstream(counters.retries)),
    family(
      'yz7_stale_connection_retries_total',
      'counter',
      'Requests sent again because a kept connection had been closed.',
      byUpstream(counters.staleConnections),
    ),
    family(
      'yz7_connect_failures_total',
      'counter',
      'Connections that failed before an answer, new or reused ones.',
      byUpstreamAnd('kind', counters.connectFailures),
    ),
    family('yz7_no_server_total', 'counter', 'Requests without a server to choose.', byUpstream(counters.noServer)),
    family('yz7_cut_requests_total', 'counter', 'Requests cut with their deleted server.', byUpstream(counters.cut)),
    family(
      'yz7_undrained_removals_total',
      'counter',
      'Servers that were removed while up.',
      [...counters.undrained].map(([source, value]) => [{ source }, value]),
    ),
    family('yz7_source_writes_total', 'counter', 'Writes of sources by result.', byResult(counters.writes)),
    family('yz7_claims_total', 'counter', 'Claims of sources by result.', byResult(counters.claims)),
    family('yz7_servers', 'gauge', 'Merged servers by state.', serversByState(store)),
    family('yz7_conflicts', 'gauge', 'Addresses that several sources have.', conflicts),
    family('yz7_revision', 'gauge', 'Revision of the store.', [[{}, store.state.revision]]),
    family('yz7_applied_revision', 'gauge', 'Revision that a worker has applied.', applied),
  ].join('');
}
