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
export * from './rich-container/index.js';
