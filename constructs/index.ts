export { YouzanApp } from './youzan-app.js';
export type { DebugVariantProps, ServingVariantProps, YouzanAppProps } from './app/youzan-app-props.js';
export type { MacvlanAttachment } from './pod/network.js';
export { synthApp, type Bundle, type ManifestObject } from './synth-app.js';
export { PlatformAccess, type PlatformAccessProps } from './platform/index.js';
