import { describe, expect, it } from 'vitest';
import { synthApp } from '../../constructs/index.js';
import { defineConventions } from '../../src/conventions/index.js';
import { deploymentOf } from './objects.js';
import { debugged, demoSpec, propsOf } from './specs.js';

const spec = { ...demoSpec, replicas: 0 };

describe('the number of pods that an app.yaml wants', () => {
  it('is for the release that creates the Deployment, and no field of the manifest', () => {
    const { metadata, spec: body } = deploymentOf(propsOf(spec));
    expect(metadata.annotations).toEqual({ 'youzan.com/replicas': '0' });
    expect(Object.keys(body)).not.toContain('replicas');
    expect(synthApp(propsOf(spec)).replicas).toBe(0);
  });

  it("stands under the company's own prefix", () => {
    const conventions = defineConventions({ labelPrefix: 'example.com' });
    expect(deploymentOf({ ...propsOf(spec), conventions }).metadata.annotations).toEqual({
      'example.com/replicas': '0',
    });
  });

  it('is said nowhere when it is left out', () => {
    expect(deploymentOf(propsOf(demoSpec)).metadata.annotations).toBeUndefined();
    expect(synthApp(propsOf(demoSpec)).replicas).toBeUndefined();
  });

  it('means nothing to a debug release', () => {
    expect(synthApp(debugged(propsOf(spec))).replicas).toBeUndefined();
  });
});
