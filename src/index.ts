// Entry `youzan-kube`: the runtime. Constructs and test tools have entries of their own.
export * from './app-yaml/index.js';
export * from './conventions/index.js';
export * from './exporters/index.js';
export * from './fleet/index.js';
export * from './gateways/index.js';
export * from './hooks/index.js';
export * from './k8s-sync/index.js';
export * from './kube/index.js';
export * from './members/index.js';
export * from './publish/index.js';
export * from './release/index.js';
// The rest of this room is for the other rooms that make scripts.
export { entrypointTools, exitCodes, parseState, renderEntrypoint, stateFiles } from './rich-container/index.js';
export type {
  Command,
  EntrypointSpec,
  EntrypointState,
  ExitCode,
  Gate,
  ProcessSpec,
  ProcessState,
  SignalName,
  SignalTable,
  StateLine,
} from './rich-container/index.js';
