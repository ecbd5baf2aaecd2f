export { YouzanApp } from './youzan-app.js';
export type { DebugVariantProps, MacvlanAttachment, ServingVariantProps, YouzanAppProps } from './youzan-app-props.js';
export { synthApp, type Bundle, type ManifestObject } from './synth-app.js';
export { PlatformAccess, type PlatformAccessProps } from './platform/index.js';
