export { yz7Contract } from './suite.js';
export type { Yz7ContractCase, Yz7ContractContext, Yz7ContractResult } from './context.js';
