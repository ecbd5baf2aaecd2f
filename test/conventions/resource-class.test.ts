import { describe, expect, it } from 'vitest';
import { type ConventionsParts, defineConventions, youzanConventions } from '../../src/conventions/index.js';

describe('the resource classes of a company', () => {
  it('are added to the known ones, or change parts of them', () => {
    const tiny = { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '64Mi' } };
    const { resourceClasses } = defineConventions({
      resourceClasses: { tiny, small: { limits: { cpu: '2' } } },
    });
    const { small, ...others } = youzanConventions.resourceClasses;
    expect(resourceClasses).toEqual({ ...others, small: { ...small, limits: { cpu: '2', memory: '1Gi' } }, tiny });
  });

  it.each<[string, ConventionsParts['resourceClasses'], string]>([
    [
      'a new one without limits',
      { tiny: { requests: { cpu: '1', memory: '1Gi' } } },
      'resourceClasses.tiny.limits: is missing',
    ],
    [
      'an amount that is none',
      { small: { limits: { memory: '1Gb' } } },
      'resourceClasses.small.limits.memory: "1Gb" is no quantity above 0, such as 500m, 2 or 1Gi',
    ],
    [
      'a limit below its request',
      { small: { limits: { memory: '512Mi' } } },
      'resourceClasses.small.limits.memory: 512Mi is less than the request, 1Gi',
    ],
  ])('are refused: %s', (_, resourceClasses, finding) => {
    expect(() => defineConventions({ resourceClasses })).toThrow(finding);
  });
});
