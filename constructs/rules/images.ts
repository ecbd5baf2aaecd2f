import { hasTagOrDigest } from '../../src/conventions/index.js';
import { at, textOf } from './place.js';
import { containersOf } from './pods.js';
import type { Rule } from './rule.js';

export const imageTag: Rule = {
  id: 'image-tag',
  what: "A container's image has a tag or a digest.",
  why: 'Without one it is whatever was pushed last, another one on every node.',
  severity: 'error',
  fix: 'name a tag, registry.example/trade-core:1.4.0, or a digest, @sha256:…',
  check: (bundle) =>
    containersOf(bundle)
      .map(({ place }) => at(place, 'image'))
      .filter(({ value }) => typeof value !== 'string' || !hasTagOrDigest(value))
      .map((place) => ({ place, message: `${textOf(place)} has no tag and no digest` })),
};

export const imageLatest: Rule = {
  id: 'image-latest',
  what: 'No image has the tag latest.',
  why: 'A rollback to the stored manifests would run other bytes than before.',
  severity: 'error',
  fix: 'name the tag of a version, or a digest',
  check: (bundle) =>
    containersOf(bundle)
      .map(({ place }) => at(place, 'image'))
      .filter(({ value }) => typeof value === 'string' && value.endsWith(':latest'))
      .map((place) => ({ place, message: `${textOf(place)} is another image tomorrow` })),
};
