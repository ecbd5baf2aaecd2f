import { describe, expect, it } from 'vitest';
import { synthApp } from '../../constructs/index.js';
import type { Placement } from '../../constructs/pod/placement.js';
import type { AppSpec } from '../../src/app-yaml/index.js';
import { defineConventions, type Conventions } from '../../src/conventions/index.js';
import { demoSpec, propsOf } from './specs.js';

const bare = defineConventions({
  images: {
    stacks: {
      bare: { base: { reference: 'registry.example/bare:1' }, packageManager: 'apt', packages: [], tools: [] },
    },
    runtimes: { 'node-18': { packages: { bare: ['nodejs'] } } },
  },
});
const unsaid = defineConventions({
  images: { stacks: { bare: { base: { reference: 'registry.example/bare:1' }, packageManager: 'apt', packages: [] } } },
});

const gated = (type: 'http' | 'tcp' | 'file', runtime: string): AppSpec => {
  const gate = { http: { port: 9000, path: '/ready' }, tcp: { port: 9000 }, file: { path: 'ready' } }[type];
  const ready = { type, ...gate, deadlineSeconds: 5 } as NonNullable<AppSpec['helpers'][number]['ready']>;
  const helpers = [{ name: 'agent', command: ['agent'], after: [], ready }];
  return { ...demoSpec, stack: 'bare', runtime, helpers, after: ['agent'] };
};

function said(spec: AppSpec, conventions: Conventions, placement: Placement = 'rich'): string {
  try {
    synthApp({ ...propsOf(spec), conventions, placement, kubernetesVersion: '1.34' });
    return 'taken';
  } catch (error) {
    return String(error);
  }
}

describe('a gate of an image whose programs the catalogue knows', () => {
  it.each(['http', 'tcp'] as const)('is refused where nothing can ask it, %s, with the way out', (type) => {
    for (const placement of ['rich', 'sidecar'] as const)
      expect(said(gated(type, 'generic'), bare, placement)).toMatch(
        new RegExp(`agent\\.ready asks by ${type}, and the image has none of .*; a file or exec gate needs none`),
      );
  });

  it('is taken where it needs no program, or the runtime is one', () => {
    expect(said(gated('file', 'generic'), bare)).toBe('taken');
    expect(said(gated('http', 'node-18'), bare)).toBe('taken');
  });

  it('is taken where nothing is said of the programs', () => {
    expect(said(gated('http', 'generic'), unsaid)).toBe('taken');
  });
});
