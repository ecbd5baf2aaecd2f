// The pages' examples that print manifests, each run as it stands.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

describe('the example of', () => {
  const printed: string[] = [];
  beforeEach(() => {
    printed.length = 0;
    vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  });
  afterEach(() => vi.restoreAllMocks());
  const manifests = (): Manifest[] =>
    parseAllDocuments(printed[0] ?? '').map((document) => document.toJS() as Manifest);
  const kinds = (): string[] => manifests().map(({ kind }) => kind);

  it('macvlan networks prints a network and an app whose Service names it', async () => {
    await import('./examples/macvlan.js');
    expect(kinds()).toContain('NetworkAttachmentDefinition');
    const service = manifests().find(({ kind }) => kind === 'Service');
    expect(service?.metadata.labels).toMatchObject({ 'youzan.com/network': 'youzan-system.bc-flat' });
  });

  it('project environments prints a namespace with an app in it, and the rule of its chain', async () => {
    await import('./examples/project-environment.js');
    expect(kinds()).toEqual(expect.arrayContaining(['Namespace', 'ResourceQuota', 'NetworkPolicy', 'Deployment']));
    expect(JSON.parse(printed[1] ?? '')).toEqual({ sc: 'f1', upstreams: ['trade-core.http'] });
  });

  it('variants prints a gray release, a debug release and a pair with one active Service', async () => {
    await import('./examples/variants.js');
    expect(manifests().map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(
      expect.arrayContaining([
        'Deployment trade-core-gray',
        'Job trade-core-debug',
        'Deployment trade-core-blue',
        'Deployment trade-core-green',
        'Service trade-core-active',
      ]),
    );
  });

  it('other workloads prints one of each kind', async () => {
    await import('./examples/workloads.js');
    expect(kinds()).toEqual(expect.arrayContaining(['StatefulSet', 'DaemonSet', 'Job', 'CronJob']));
  });

  it('the platform prints a syncer for each cluster', async () => {
    await import('./examples/platform.js');
    expect(kinds().filter((kind) => kind === 'Deployment')).toHaveLength(2);
  });
});
