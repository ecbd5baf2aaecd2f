/** Since which version of Kubernetes a field can be used in a cluster as it is installed. */
export interface FieldVersion {
  /** Of the pod, of each of its containers, or of an object of that kind. */
  readonly of: 'pod' | 'container' | (string & {});
  /** Keys with dots between; `[]` after a list. */
  readonly field: string;
  /** Only with these values. Default: with any. */
  readonly values?: readonly string[];
  /** The first version that has it switched on; undefined when none up to 1.35 has. */
  readonly since: string | undefined;
}

/** From the feature gates of Kubernetes 1.25 to 1.35. */
export const fieldVersions: readonly FieldVersion[] = [
  { of: 'pod', field: 'initContainers[].restartPolicy', since: '1.29' },
  { of: 'pod', field: 'containers[].restartPolicy', since: '1.35' },
  { of: 'pod', field: 'schedulingGates', since: '1.27' },
  { of: 'pod', field: 'topologySpreadConstraints[].minDomains', since: '1.27' },
  { of: 'pod', field: 'topologySpreadConstraints[].matchLabelKeys', since: '1.27' },
  { of: 'pod', field: 'topologySpreadConstraints[].nodeAffinityPolicy', since: '1.26' },
  { of: 'pod', field: 'topologySpreadConstraints[].nodeTaintsPolicy', since: '1.26' },
  ...['podAffinity', 'podAntiAffinity'].flatMap((group) =>
    [
      'requiredDuringSchedulingIgnoredDuringExecution[]',
      'preferredDuringSchedulingIgnoredDuringExecution[].podAffinityTerm',
    ].flatMap((term) =>
      ['matchLabelKeys', 'mismatchLabelKeys'].map((key) => ({
        of: 'pod',
        field: `affinity.${group}.${term}.${key}`,
        since: '1.31',
      })),
    ),
  ),
  { of: 'pod', field: 'hostUsers', since: '1.33' },
  { of: 'pod', field: 'resources', since: '1.34' },
  { of: 'pod', field: 'resourceClaims', since: '1.34' },
  { of: 'pod', field: 'hostnameOverride', since: '1.35' },
  { of: 'pod', field: 'securityContext.appArmorProfile', since: '1.30' },
  { of: 'pod', field: 'securityContext.supplementalGroupsPolicy', since: '1.33' },
  { of: 'pod', field: 'securityContext.seLinuxChangePolicy', since: '1.33' },
  { of: 'pod', field: 'volumes[].image', since: '1.35' },
  { of: 'pod', field: 'volumes[].projected.sources[].clusterTrustBundle', since: undefined },
  { of: 'pod', field: 'volumes[].projected.sources[].podCertificate', since: undefined },
  { of: 'pod', field: 'volumes[].ephemeral.volumeClaimTemplate.spec.volumeAttributesClassName', since: '1.34' },
  { of: 'container', field: 'lifecycle.preStop.sleep', since: '1.30' },
  { of: 'container', field: 'lifecycle.postStart.sleep', since: '1.30' },
  { of: 'container', field: 'lifecycle.stopSignal', since: undefined },
  { of: 'container', field: 'resizePolicy', since: '1.33' },
  { of: 'container', field: 'restartPolicyRules', since: '1.35' },
  { of: 'container', field: 'resources.claims', since: '1.34' },
  { of: 'container', field: 'env[].valueFrom.fileKeyRef', since: '1.35' },
  { of: 'container', field: 'volumeMounts[].recursiveReadOnly', since: '1.31' },
  { of: 'container', field: 'securityContext.appArmorProfile', since: '1.30' },
  { of: 'container', field: 'securityContext.procMount', values: ['Unmasked'], since: '1.33' },
  { of: 'Service', field: 'spec.trafficDistribution', since: '1.31' },
  { of: 'Service', field: 'spec.trafficDistribution', values: ['PreferSameZone', 'PreferSameNode'], since: '1.34' },
  { of: 'Job', field: 'spec.podFailurePolicy', since: '1.26' },
  { of: 'Job', field: 'spec.backoffLimitPerIndex', since: '1.29' },
  { of: 'Job', field: 'spec.maxFailedIndexes', since: '1.29' },
  { of: 'Job', field: 'spec.podReplacementPolicy', since: '1.29' },
  { of: 'Job', field: 'spec.successPolicy', since: '1.31' },
  { of: 'Job', field: 'spec.managedBy', since: '1.32' },
  { of: 'CronJob', field: 'spec.timeZone', since: '1.25' },
  { of: 'StatefulSet', field: 'spec.persistentVolumeClaimRetentionPolicy', since: '1.27' },
  { of: 'StatefulSet', field: 'spec.ordinals', since: '1.27' },
  { of: 'StatefulSet', field: 'spec.updateStrategy.rollingUpdate.maxUnavailable', since: '1.35' },
  { of: 'PodDisruptionBudget', field: 'spec.unhealthyPodEvictionPolicy', since: '1.27' },
  { of: 'HorizontalPodAutoscaler', field: 'spec.metrics[].containerResource', since: '1.27' },
  { of: 'HorizontalPodAutoscaler', field: 'spec.behavior.scaleUp.tolerance', since: '1.35' },
  { of: 'HorizontalPodAutoscaler', field: 'spec.behavior.scaleDown.tolerance', since: '1.35' },
  { of: 'PersistentVolumeClaim', field: 'spec.volumeAttributesClassName', since: '1.34' },
];
