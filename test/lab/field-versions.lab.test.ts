// What the table of newer fields says of a real API server of 1.34: it keeps the fields that are switched on there, and
// drops or refuses the others.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManifestObject } from '../../constructs/index.js';
import { fieldVersions, type FieldVersion } from '../../constructs/rules/field-versions.js';
import { locateBinaries } from './binaries/locate.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { useLab } from './use-lab.js';

type Data = Readonly<Record<string, unknown>>;
const folder = mkdtempSync(join(tmpdir(), 'field-versions-'));
let cluster: LabCluster;

const labels = { app: 'a' };
const selector = { matchLabels: labels };
const init = { name: 'init', image: 'a:1' };
const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: selector };
const term = { topologyKey: 'zone', labelSelector: selector };
const rule = { action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } };
const projected = (source: Data): Data => ({ volumes: [{ name: 'v', projected: { sources: [source] } }] });
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const profile = { appArmorProfile: { type: 'RuntimeDefault' } };

/** What makes each field stand in a pod's spec, in a container, or in a spec of its kind. */
const examples: Readonly<Record<string, Data>> = {
  'pod initContainers[].restartPolicy': { initContainers: [{ ...init, restartPolicy: 'Always' }] },
  'pod containers[].restartPolicy': { containers: [{ name: 'app', image: 'a:1', restartPolicy: 'Never' }] },
  'pod schedulingGates': { schedulingGates: [{ name: 'a.b/c' }] },
  'pod topologySpreadConstraints[].minDomains': { topologySpreadConstraints: [{ ...spread, minDomains: 2 }] },
  'pod topologySpreadConstraints[].matchLabelKeys': {
    topologySpreadConstraints: [{ ...spread, matchLabelKeys: ['app'] }],
  },
  'pod topologySpreadConstraints[].nodeAffinityPolicy': {
    topologySpreadConstraints: [{ ...spread, nodeAffinityPolicy: 'Ignore' }],
  },
  'pod topologySpreadConstraints[].nodeTaintsPolicy': {
    topologySpreadConstraints: [{ ...spread, nodeTaintsPolicy: 'Honor' }],
  },
  ...Object.fromEntries<Data>(
    ['podAffinity', 'podAntiAffinity'].flatMap((group) =>
      ['matchLabelKeys', 'mismatchLabelKeys'].flatMap((key) => {
        const required = [{ ...term, [key]: ['release'] }];
        const preferred = [{ weight: 1, podAffinityTerm: { ...term, [key]: ['release'] } }];
        return [
          [
            `pod affinity.${group}.requiredDuringSchedulingIgnoredDuringExecution[].${key}`,
            { affinity: { [group]: { requiredDuringSchedulingIgnoredDuringExecution: required } } },
          ],
          [
            `pod affinity.${group}.preferredDuringSchedulingIgnoredDuringExecution[].podAffinityTerm.${key}`,
            { affinity: { [group]: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } },
          ],
        ] as const;
      }),
    ),
  ),
  'pod hostUsers': { hostUsers: false },
  'pod resources': { resources: { requests: { cpu: '1' } } },
  'pod resourceClaims': { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] },
  'pod hostnameOverride': { hostnameOverride: 'a' },
  'pod securityContext.appArmorProfile': { securityContext: profile },
  'pod securityContext.supplementalGroupsPolicy': { securityContext: { supplementalGroupsPolicy: 'Strict' } },
  'pod securityContext.seLinuxChangePolicy': { securityContext: { seLinuxChangePolicy: 'Recursive' } },
  'pod volumes[].image': { volumes: [{ name: 'v', image: { reference: 'a:1' } }] },
  'pod volumes[].projected.sources[].clusterTrustBundle': projected({ clusterTrustBundle: { name: 'a', path: 'a' } }),
  'pod volumes[].projected.sources[].podCertificate': projected({
    podCertificate: { signerName: 'a.b/c', keyType: 'ED25519', credentialBundlePath: 'a' },
  }),
  'pod volumes[].ephemeral.volumeClaimTemplate.spec.volumeAttributesClassName': {
    volumes: [
      { name: 'v', ephemeral: { volumeClaimTemplate: { spec: { ...claim, volumeAttributesClassName: 'gold' } } } },
    ],
  },
  'container lifecycle.preStop.sleep': { lifecycle: { preStop: { sleep: { seconds: 1 } } } },
  'container lifecycle.postStart.sleep': { lifecycle: { postStart: { sleep: { seconds: 1 } } } },
  'container lifecycle.stopSignal': { lifecycle: { stopSignal: 'SIGQUIT' } },
  'container resizePolicy': { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] },
  'container restartPolicyRules': {
    restartPolicy: 'Never',
    restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }],
  },
  'container resources.claims': { resources: { claims: [{ name: 'gpu' }] } },
  'container env[].valueFrom.fileKeyRef': {
    env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'data', path: 'a', key: 'A' } } }],
  },
  'container volumeMounts[].recursiveReadOnly': {
    volumeMounts: [{ name: 'data', mountPath: '/a', readOnly: true, recursiveReadOnly: 'IfPossible' }],
  },
  'container securityContext.appArmorProfile': { securityContext: profile },
  'container securityContext.procMount': { securityContext: { procMount: 'Unmasked' } },
  'Service spec.trafficDistribution': { trafficDistribution: 'PreferClose' },
  'Service spec.trafficDistribution PreferSameZone': { trafficDistribution: 'PreferSameZone' },
  'Job spec.podFailurePolicy': { podFailurePolicy: { rules: [rule] } },
  'Job spec.backoffLimitPerIndex': { completionMode: 'Indexed', completions: 2, backoffLimitPerIndex: 1 },
  'Job spec.maxFailedIndexes': {
    completionMode: 'Indexed',
    completions: 2,
    backoffLimitPerIndex: 1,
    maxFailedIndexes: 1,
  },
  'Job spec.podReplacementPolicy': { podReplacementPolicy: 'Failed' },
  'Job spec.successPolicy': {
    completionMode: 'Indexed',
    completions: 2,
    successPolicy: { rules: [{ succeededCount: 1 }] },
  },
  'Job spec.managedBy': { managedBy: 'a.b/c' },
  'CronJob spec.timeZone': { timeZone: 'Asia/Shanghai' },
  'StatefulSet spec.persistentVolumeClaimRetentionPolicy': {
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
  },
  'StatefulSet spec.ordinals': { ordinals: { start: 1 } },
  'StatefulSet spec.updateStrategy.rollingUpdate.maxUnavailable': {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } },
  },
  'PodDisruptionBudget spec.unhealthyPodEvictionPolicy': { unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  'HorizontalPodAutoscaler spec.metrics[].containerResource': {
    metrics: [
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'app', target: { type: 'Utilization', averageUtilization: 60 } },
      },
    ],
  },
  'HorizontalPodAutoscaler spec.behavior.scaleUp.tolerance': { behavior: { scaleUp: { tolerance: '0.05' } } },
  'HorizontalPodAutoscaler spec.behavior.scaleDown.tolerance': { behavior: { scaleDown: { tolerance: '0.05' } } },
  'PersistentVolumeClaim spec.volumeAttributesClassName': { volumeAttributesClassName: 'gold' },
};

const nameOf = ({ of, field, values = [] }: FieldVersion): string =>
  [of, field, ...(of === 'Service' ? values.slice(0, 1) : [])].join(' ');

const apiVersions: Readonly<Record<string, string>> = {
  Service: 'v1',
  PersistentVolumeClaim: 'v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
  StatefulSet: 'apps/v1',
  PodDisruptionBudget: 'policy/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
};

/** The least object that may have the field, with it. */
function objectOf({ of }: FieldVersion, example: Data): ManifestObject {
  const containers = [{ name: 'app', image: 'a:1', ...(of === 'container' ? example : {}) }];
  // What some of the containers' fields ask of their pod.
  const claims =
    of === 'container' ? { hostUsers: false, resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] } : {};
  const volumes = [{ name: 'data', emptyDir: {} }];
  const pod = { restartPolicy: 'Never', containers, volumes, ...claims, ...(of === 'pod' ? example : {}) };
  const template = { metadata: { labels }, spec: pod };
  const serving = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'a:1' }] } };
  const specs: Readonly<Record<string, Data>> = {
    Service: { selector: labels, ports: [{ port: 80 }] },
    PersistentVolumeClaim: claim,
    Job: { template },
    CronJob: { schedule: '0 0 * * *', jobTemplate: { spec: { template } } },
    StatefulSet: { selector, serviceName: 'a', template: serving },
    PodDisruptionBudget: { maxUnavailable: 1, selector },
    HorizontalPodAutoscaler: {
      maxReplicas: 2,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
    },
  };
  const kind = of === 'pod' || of === 'container' ? 'Job' : of;
  const spec = { ...specs[kind], ...(kind === of ? example : {}) };
  return { apiVersion: apiVersions[kind] ?? '', kind, metadata: { name: 'a', namespace: 'default' }, spec };
}

/** The value of the field in what the server made of the object. */
function valueIn(made: unknown, { of, field }: FieldVersion): unknown {
  const before = of === 'pod' ? 'spec.template.spec.' : of === 'container' ? 'spec.template.spec.containers[].' : '';
  return `${before}${field}`
    .replaceAll('[]', '.0')
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], made);
}

async function dryRun(object: ManifestObject): Promise<unknown> {
  const file = join(folder, 'object.json');
  writeFileSync(file, JSON.stringify(object));
  const [program = '', ...first] = locateBinaries().kubectl;
  const words = ['create', '--dry-run=server', '--validate=strict', '-o', 'json', '-f', file];
  return new Promise((resolve) => {
    execFile(program, [...first, ...words, '--kubeconfig', cluster.kubeconfig], { timeout: 60_000 }, (error, stdout) =>
      resolve(error === null ? JSON.parse(stdout) : undefined),
    );
  });
}

beforeAll(async () => {
  ({ manifests: cluster } = await useLab({ manifests: { idc: 'bc' } }));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('Kubernetes 1.34', () => {
  it('is asked for every field of the table', () => {
    expect(Object.keys(examples).sort()).toEqual([...new Set(fieldVersions.map(nameOf))].sort());
  });

  const minor = (version: string): number => Number(version.split('.')[1]);
  const cases = fieldVersions.map((entry) => ({
    name: nameOf(entry),
    entry,
    kept: entry.since !== undefined && minor(entry.since) <= 34,
  }));

  it.each(cases.filter(({ kept }) => kept))('keeps $name', async ({ name, entry }) => {
    const made = await dryRun(objectOf(entry, examples[name]!));
    expect(valueIn(made, entry)).toEqual(valueIn(objectOf(entry, examples[name]!), entry));
  });

  it.each(cases.filter(({ kept }) => !kept))('drops or refuses $name', async ({ name, entry }) => {
    expect(valueIn(await dryRun(objectOf(entry, examples[name]!)), entry)).toBeUndefined();
  });
});
