/** Every metric of the syncer: docs, exporter and tests read this one table. */
export const syncMetrics = {
  state: {
    name: 'youzan_sync_state',
    type: 'gauge',
    help: '1 for the state that the cluster is in, 0 for the others.',
    labels: ['cluster', 'state'],
  },
  leader: { name: 'youzan_sync_leader', type: 'gauge', help: '1 when this process leads.', labels: ['cluster'] },
  desired: {
    name: 'youzan_sync_desired_servers',
    type: 'gauge',
    help: 'Ready members of an upstream in the cluster.',
    labels: ['cluster', 'upstream', 'gateway'],
  },
  live: {
    name: 'youzan_sync_live_servers',
    type: 'gauge',
    help: "Serving servers of the cluster's source at a gateway.",
    labels: ['cluster', 'upstream', 'gateway'],
  },
  writes: {
    name: 'youzan_sync_writes_total',
    type: 'counter',
    help: "Writes by result: changed, unchanged, or the gateway's code.",
    labels: ['cluster', 'gateway', 'result'],
  },
  guardTrips: {
    name: 'youzan_sync_guard_trips_total',
    type: 'counter',
    help: 'Removals that a guard held.',
    labels: ['cluster', 'guard'],
  },
  lostNodes: {
    name: 'youzan_sync_lost_nodes',
    type: 'gauge',
    help: 'Nodes that turned not ready together: the guard nodes keeps their pods in traffic.',
    labels: ['cluster'],
  },
  conflicts: {
    name: 'youzan_sync_conflicts',
    type: 'gauge',
    help: "Addresses of the cluster's source that another source has, too, as the leader found them.",
    labels: ['cluster', 'gateway'],
  },
  evidenceAge: {
    name: 'youzan_sync_evidence_age_seconds',
    type: 'gauge',
    help: 'Since the last good heartbeat of the cluster; absent before the first.',
    labels: ['cluster'],
  },
  propagation: {
    name: 'youzan_sync_propagation_seconds',
    type: 'histogram',
    help: "From an endpoint's change to every worker of a gateway having it.",
    labels: ['cluster'],
  },
} as const satisfies Record<string, MetricDefinition>;

export interface MetricDefinition {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

/** Upper bounds of the propagation histogram, in seconds. */
export const propagationBuckets: readonly number[] = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
