export type { HookStep, Hooks, HooksSpec, HttpStep, PreloadSpec, ScriptStep, SwitchSpec } from './hooks-spec.js';
export { renderHooks, type HookConventions } from './render-hooks.js';
