export { renderEntrypoint, type EntrypointSpec } from './entrypoint.js';
export { entrypointTools, exitCodes, type ExitCode } from './exit-codes.js';
export type { Command, Gate, ProcessSpec, SignalName, SignalTable } from './process-spec.js';
export { parseState, stateFiles, type EntrypointState, type ProcessState, type StateLine } from './state-file.js';
export { httpTools, sharedScript, tcpTools } from './probe-script.js';
export { startOrder } from './graph.js';
export { commandWords, quote } from './quote.js';
export { compact } from './script-text.js';
