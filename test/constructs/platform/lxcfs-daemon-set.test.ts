import { execFileSync } from 'node:child_process';
import { App, Chart } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { LxcfsDaemonSet, type LxcfsDaemonSetProps, type ManifestObject, synthApp } from '../../../constructs/index.js';
import { defineConventions } from '../../../src/conventions/index.js';
import { demoSpec, propsOf } from '../specs.js';

const props: LxcfsDaemonSetProps = { namespace: 'youzan-system', image: 'registry.example/lxcfs:5.0.3' };

interface PodSpec {
  readonly hostPID: boolean;
  readonly nodeSelector?: object;
  readonly tolerations: readonly object[];
  readonly containers: readonly [
    {
      readonly command: readonly string[];
      readonly env: readonly object[];
      readonly securityContext: object;
      readonly volumeMounts: readonly object[];
    },
  ];
  readonly volumes: readonly { readonly hostPath: { readonly path: string } }[];
}
function synth(more: Partial<LxcfsDaemonSetProps> = {}, id = 'lxcfs'): ManifestObject {
  const chart = new Chart(new App(), 'bc-a');
  new LxcfsDaemonSet(chart, id, { ...props, ...more });
  return (chart.toJson() as ManifestObject[])[0]!;
}
const podOf = (object: ManifestObject): PodSpec =>
  (object['spec'] as { readonly template: { readonly spec: PodSpec } }).template.spec;

describe('LxcfsDaemonSet', () => {
  it('serves on every node, with what a mount for other containers needs', () => {
    const { hostPID, tolerations, containers } = podOf(synth());
    expect([hostPID, tolerations, containers[0].securityContext]).toEqual([
      true,
      [{ operator: 'Exists' }],
      { privileged: true },
    ]);
    expect(containers[0].volumeMounts).toContainEqual({
      name: 'folder',
      mountPath: '/var/lib/youzan-lxcfs',
      mountPropagation: 'Bidirectional',
    });
  });

  it("serves where the apps' pods look", () => {
    const conventions = defineConventions({ lxcfs: { folder: '/srv/lxcfs' } });
    const served = podOf(synth({ conventions })).containers[0].env;
    const app = synthApp({ ...propsOf(demoSpec), conventions, lxcfs: true }).objects.find(
      ({ kind }) => kind === 'Deployment',
    );
    expect(served).toEqual([{ name: 'LXCFS_MOUNT', value: '/srv/lxcfs/fs' }]);
    expect(podOf(app!).volumes.map(({ hostPath }) => hostPath.path)).toEqual(
      expect.arrayContaining(['/srv/lxcfs', '/srv/lxcfs/fs/proc/meminfo']),
    );
  });

  it('can be for some nodes only', () => {
    expect(podOf(synth({ nodes: { 'youzan.com/lxcfs': 'true' } })).nodeSelector).toEqual({
      'youzan.com/lxcfs': 'true',
    });
    expect(podOf(synth())).not.toHaveProperty('nodeSelector');
  });

  it('has a script that a shell can read', () => {
    const script = podOf(synth()).containers[0].command[2]!;
    expect(execFileSync('sh', ['-n', '-c', script], { encoding: 'utf8' })).toBe('');
  });

  it('is the same whatever its id', () => {
    expect(synth({}, 'other')).toEqual(synth());
  });

  it('says all that is wrong at once', () => {
    expect(() => synth({ namespace: 'Sys', name: 'a_b', image: 'lxcfs' })).toThrow(
      [
        'bc-a/lxcfs is not valid: 3 findings',
        '  bc-a/lxcfs.namespace: "Sys" is no DNS label that starts with a letter',
        '  bc-a/lxcfs.name: "a_b" is no DNS label that starts with a letter',
        '  bc-a/lxcfs.image: "lxcfs" has no tag and no digest',
      ].join('\n'),
    );
  });
});
