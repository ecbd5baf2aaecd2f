export { YouzanApp } from './youzan-app.js';
export type {
  AnyVariantProps,
  DebugVariantProps,
  ServingVariantProps,
  YouzanAppProps,
} from './app/youzan-app-props.js';
export type { DebugRelease } from './variants/debug-release.js';
export { BlueGreenApp, type BlueGreenAppProps, type ColorRelease } from './variants/blue-green-app.js';
export { YouzanStatefulApp, type YouzanStatefulAppProps } from './workloads/youzan-stateful-app.js';
export type { VolumeClaim } from './workloads/volume-claim.js';
export { YouzanDaemon, type YouzanDaemonProps } from './workloads/youzan-daemon.js';
export { YouzanJob, type YouzanJobProps } from './workloads/youzan-job.js';
export { YouzanScheduledJob, type YouzanScheduledJobProps } from './workloads/youzan-scheduled-job.js';
export type { JobProps } from './workloads/job-props.js';
export type { CustomMetric, Scaling } from './objects/autoscaler.js';
export type { DisruptionBudget } from './objects/disruption-budget.js';
export type { VerticalScaling } from './objects/vertical-autoscaler.js';
export type { MacvlanAttachment } from './pod/network.js';
export type { Placement } from './pod/placement.js';
export type { Scheduling, Spread } from './pod/scheduling.js';
export { synthApp, synthBundle, type Bundle, type BundlePlace } from './synth-app.js';
export type { ManifestObject } from './objects/manifest-object.js';
export { assertNoFieldLost, lostFields } from './rules/lost-fields.js';
export { rules } from './rules/rules.js';
export type { Rule, RuleContext, RuleHit } from './rules/rule.js';
export type { Place } from './rules/place.js';
export type { Trail } from './rules/json-path.js';
export { ruleValidation, validateChart } from './rules/validate-chart.js';
export { validateBundle, type RuleFinding, type ValidateOptions } from './rules/validate-bundle.js';
export { synthFleet, type SynthFleetOptions } from './fleet/synth-fleet.js';
export type { ClusterOverrides, FleetApp, SynthCluster, SynthFleet } from './fleet/fleet-app.js';
export { adoptWorkload, type Adoption, type AdoptOptions } from './adopt/adopt-workload.js';
export type { AdoptedWorkload } from './adopt/adopted-workload.js';
export type { AdoptedField } from './adopt/differences.js';
export { takeoverPatch, type PatchOperation } from './adopt/takeover-patch.js';
export { ProjectEnvironment, serviceChain, type ServiceChain } from './environment/project-environment.js';
export type { Amounts, ProjectEnvironmentProps } from './environment/project-environment-props.js';
export { defineAddressPlan, type AddressPlan } from './network/address-plan.js';
export type { AddressRange } from './network/address-range.js';
export { MacvlanNetwork, nodeNetworkConfig, type MacvlanNetworkProps } from './network/macvlan-network.js';
export {
  K8sSyncDeployment,
  type K8sSyncDeploymentProps,
  LxcfsDaemonSet,
  type LxcfsDaemonSetProps,
  PlatformAccess,
  type PlatformAccessProps,
  type SyncFleet,
  type SyncFleetGateway,
} from './platform/index.js';
