import { gatewaySuite } from 'youzan-kube/testing';
import { MemoryGateway, MemoryStore } from './gateway.js';

const store = new MemoryStore();
export const results = new Map<string, string>();
for (const { name, section, run } of gatewaySuite) {
  const result = await run({
    open: () => new MemoryGateway(store),
    upstreams: ['trade-core.http', 'trade-core.rpc'],
    // traffic, restart and stickWorker: what is left out is skipped.
  });
  results.set(`${section}: ${name}`, result); // passed or skipped; a broken rule throws
}
