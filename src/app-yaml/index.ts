export { parseAppYaml, type ParseAppYamlOptions } from './parse.js';
export type {
  AppCommand,
  AppSpec,
  HelperSpec,
  ProbeSet,
  ProbeSettings,
  ReadyGate,
  ResourceSettings,
} from './app-spec.js';
export type { AppHookStep, AppOnlineStep, HookSettings, RegistrySettings } from './hook-settings.js';
export { placeInAppYaml } from './source.js';
export { commandOf } from './command.js';
export { checkAppSpec, type SpecFinding } from './check-spec.js';
export { imageLayers, renderDockerfile, type Dockerfile, type ImageLayer, type ImageSpec } from './image/index.js';
