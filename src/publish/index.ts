export { awaitPublished, type AwaitPublishedOptions } from './await-published.js';
export { comparePublished, type ExtraServer, type MissingServer, type Published, type ZeroProof } from './compare.js';
export type { ExpectedServer } from './expected-server.js';
export type {
  GatewayContent,
  GatewayView,
  PodView,
  PublishObservation,
  PublishScope,
  ServiceView,
  WorkloadView,
} from './observation.js';
export { observePublished, type ObservePublishedOptions } from './observe.js';
