export type { GatewaySuiteCase, GatewaySuiteContext, GatewaySuiteResult } from './context.js';
export { gatewaySuite } from './suite.js';
