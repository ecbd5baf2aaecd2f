export {
  decodeEndpointSlice,
  type EndpointRecord,
  type EndpointSliceRecord,
  type PublishedPort,
} from './endpoint-slice.js';
export { groupOf, serverOf, upstreamOf } from './member-server.js';
export type { Member } from './member.js';
export { decodeNode, type NodeRecord } from './node.js';
export { canonicalAddress } from './address.js';
export { inOwnNetwork, networkAddresses, networkStatusAnnotation } from './second-network.js';
export { membersOfSlices } from './members-of-slices.js';
export { digestOf, isServing, type Server, serverAddress, serverKey, type ServerState } from './server.js';
