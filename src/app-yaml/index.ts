export { parseAppYaml, type ParseAppYamlOptions } from './parse.js';
export type {
  AppCommand,
  AppHookStep,
  AppSpec,
  HelperSpec,
  HookSettings,
  ReadyGate,
  ResourceSettings,
} from './app-spec.js';
export { commandOf } from './command.js';
export { checkAppSpec, type SpecFinding } from './check-spec.js';
