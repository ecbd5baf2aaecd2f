export type { Hooks, HooksSpec, PreloadSpec, PreStopSeconds, SwitchSpec } from './hooks-spec.js';
export { preStopSeconds, renderHooks } from './render-hooks.js';
export type { HookConventions } from './hook-parts.js';
export type { HookStep, HttpStep, OnlineStep, RegistryStep, ScriptStep, StepTries, WaitStep } from './step.js';
export { isRegistryEndpoint, registryDefaults } from '../conventions/registry.js';
export type { Registration } from './registry/registration.js';
