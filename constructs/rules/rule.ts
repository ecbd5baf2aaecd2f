import type { Conventions } from '../../src/conventions/index.js';
import type { ManifestObject } from '../objects/manifest-object.js';
import type { Place } from './place.js';

/** What a rule may know beside the objects. */
export interface RuleContext {
  readonly conventions: Conventions;
  /** Of the cluster, `1.34`. Without it nothing is taken for too new. */
  readonly kubernetesVersion?: string;
  /** Of the app that the objects are: its ports are then held to those of its kind. */
  readonly kind?: string;
  /** What was written of an object before it was serialized, where that is known. */
  readonly written?: ReadonlyMap<ManifestObject, unknown>;
}

/** A place in an object that breaks a rule, and how. */
export interface RuleHit {
  readonly place: Place;
  /** What was got and what is allowed. */
  readonly message: string;
}

/** What objects of a bundle must keep. Rules are data: the page of rules, their tests and `validateBundle` read one list. */
export interface Rule {
  /** `image-tag`: stays the same from version to version. */
  readonly id: string;
  /** What holds where the rule is kept. */
  readonly what: string;
  /** What happens where it is not. */
  readonly why: string;
  /** An error is refused; a warning is said. */
  readonly severity: 'error' | 'warning';
  /** The way out. */
  readonly fix: string;
  check(bundle: readonly ManifestObject[], context: RuleContext): readonly RuleHit[];
}
