export { accessRules, type Access, type AccessRole, type AccessRule } from './access.js';
export { YouzanKubeError, isYouzanKubeError, type YouzanKubeErrorOptions } from './error.js';
export { findingsError, type Finding } from './finding.js';
export { nearestOf } from './nearest.js';
export { replicasAnnotation } from './annotation.js';
export { hasTagOrDigest } from './image-reference.js';
export { colors, labelKeys, type Color, type LabelKeys } from './labels.js';
export { appLabels, selectorLabels, type LabelledWorkload } from './workload-labels.js';
export {
  isDnsLabel,
  isDnsSubdomain,
  isLabelKey,
  isLabelValue,
  maxNameLength,
  resourceName,
  shortenName,
} from './name.js';
export { isPort, portRoles, type PortRole, type PortTable } from './port.js';
export { quantityValue } from './quantity.js';
export type { ResourceClass } from './resource-class.js';
export { conventionsOfKind, kindOfRuntime, portsOfKind, type AppKind, type AppKindName } from './app-kind.js';
export {
  runModes,
  standardEnvironments,
  type Environment,
  type RunMode,
  type StandardEnvironment,
} from './run-mode.js';
export { networkLabel, sourceName, upstreamName, type Topology, type WorkloadIdentity } from './topology.js';
export type { JvmDefaults, LxcfsDefaults } from './jvm.js';
export type { ImageCatalogue, ImageReference, RuntimeImage, StackImage } from './image-catalogue.js';
export type { HookDefaults, LocalEndpoint } from './hook-defaults.js';
export type { Conventions, VariableNames } from './conventions.js';
export { youzanConventions } from './youzan.js';
export { defineConventions, type ConventionsParts } from './define.js';
export type { PartOf } from './merge.js';
