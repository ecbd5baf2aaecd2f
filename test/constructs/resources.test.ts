import { describe, expect, it } from 'vitest';
import { synthApp, type YouzanAppProps } from '../../constructs/index.js';
import { defineConventions, youzanConventions } from '../../src/conventions/index.js';
import { containerOf } from './objects.js';
import { demoSpec, propsOf } from './specs.js';

const resourcesOf = (props: YouzanAppProps): unknown => (containerOf(props) as { resources?: object }).resources;

describe('what a container asks for', () => {
  it('is what app.yaml says', () => {
    expect(resourcesOf(propsOf(demoSpec))).toEqual(demoSpec.resources);
  });

  it('is what the props say in its place', () => {
    const resources = { requests: { cpu: '1' }, limits: { memory: '2Gi' } };
    expect(resourcesOf({ ...propsOf(demoSpec), resources })).toEqual(resources);
  });

  it.each(Object.entries(youzanConventions.resourceClasses))('is that of the class %s', (resources, amounts) => {
    expect(resourcesOf({ ...propsOf(demoSpec), resources })).toEqual(amounts);
  });

  it("is that of a company's own class", () => {
    const tiny = { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '64Mi' } };
    const conventions = defineConventions({ resourceClasses: { tiny } });
    expect(resourcesOf({ ...propsOf(demoSpec), conventions, resources: 'tiny' })).toEqual(tiny);
  });

  it.each(['tiny', 'constructor'])('is refused for a class that is not there: %s', (resources) => {
    expect(() => synthApp({ ...propsOf(demoSpec), resources })).toThrow(
      `bc-a/trade-core.resources: "${resources}" is no resource class; known are small, medium, large`,
    );
  });
});
