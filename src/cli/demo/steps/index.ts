import type { Step } from '../step.js';
import { apply } from './apply.js';
import { badRelease } from './bad-release.js';
import { clusterLost } from './cluster-lost.js';
import { release } from './release.js';
import { rollback } from './rollback.js';
import { serve } from './serve.js';
import { start } from './start.js';
import { stop } from './stop.js';
import { sync } from './sync.js';
import { syncBroken } from './sync-broken.js';
import { synth } from './synth.js';

/** All steps in their order. */
export const steps: readonly Step[] = [
  synth,
  apply,
  start,
  sync,
  serve,
  release,
  syncBroken,
  clusterLost,
  badRelease,
  rollback,
  stop,
];
