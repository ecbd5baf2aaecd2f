export { startEmbeddedYz7 } from './gateway.js';
export type { EmbeddedYz7, EmbeddedYz7Options } from './gateway.js';
export type { Yz7Faults } from './faults.js';
export type { HistoryEntry, WriteCounts, Yz7Stats } from './stats.js';
export type { Yz7Token } from './tokens.js';
export type { Lag } from './worker.js';
export { yz7Contract } from './contract/index.js';
export type { Yz7ContractCase, Yz7ContractContext, Yz7ContractResult } from './contract/index.js';
