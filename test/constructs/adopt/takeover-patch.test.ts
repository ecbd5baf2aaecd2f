import { describe, expect, it } from 'vitest';
import { takeoverPatch } from '../../../constructs/index.js';
import { deploymentOf } from './deployments.js';

const owner = (manager: string, fieldsV1: object, more: object = {}): object => ({
  manager,
  operation: 'Update',
  apiVersion: 'apps/v1',
  time: '2021-03-04T05:06:07Z',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
});

/** A Deployment whose fields have these managers. */
function ownedBy(...managedFields: object[]): ReturnType<typeof deploymentOf> {
  const deployment = deploymentOf();
  return { ...deployment, metadata: { ...deployment.metadata, ...{ managedFields } } };
}

describe('the patch that takes fields over', () => {
  it('gives one manager what all had, and nobody the replicas', () => {
    const deployment = ownedBy(
      owner('kubectl-client-side-apply', {
        'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': { 'f:dnsPolicy': {} } } },
      }),
      owner(
        'kubectl-edit',
        {
          'f:metadata': { 'f:labels': { 'f:app': {} } },
          'f:spec': { 'f:template': { 'f:spec': { 'f:hostNetwork': {} } } },
        },
        { time: '2022-01-01T00:00:00Z' },
      ),
    );
    expect(takeoverPatch(deployment, 'youzan-kube-release')).toEqual([
      { op: 'test', path: '/metadata/resourceVersion', value: '4711' },
      {
        op: 'replace',
        path: '/metadata/managedFields',
        value: [
          {
            manager: 'youzan-kube-release',
            operation: 'Apply',
            apiVersion: 'apps/v1',
            time: '2022-01-01T00:00:00Z',
            fieldsType: 'FieldsV1',
            fieldsV1: {
              'f:metadata': { 'f:labels': { 'f:app': {} } },
              'f:spec': { 'f:template': { 'f:spec': { 'f:dnsPolicy': {}, 'f:hostNetwork': {} } } },
            },
          },
        ],
      },
    ]);
  });

  it('leaves what controllers own by a subresource: the status, and the scale of an autoscaler', () => {
    const scale = owner('kube-controller-manager', { 'f:spec': { 'f:replicas': {} } }, { subresource: 'scale' });
    const [, replaced] = takeoverPatch(ownedBy(owner('helm', {}), scale), 'youzan-kube-release') ?? [];
    expect(replaced?.value).toEqual([scale, expect.objectContaining({ manager: 'youzan-kube-release' })]);
  });

  it('is none for what was read from a file', () => {
    expect(takeoverPatch(deploymentOf(), 'youzan-kube-release')).toBeUndefined();
  });
});
