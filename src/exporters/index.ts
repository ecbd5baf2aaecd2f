export { type MetricsServer, serveMetrics, type ServeMetricsOptions } from './serve-metrics.js';
export { createSyncExporter, type SyncExporterOptions } from './sync-exporter.js';
export { type MetricDefinition, propagationBuckets, syncMetrics } from './sync-metrics.js';
