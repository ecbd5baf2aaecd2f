import { it } from 'vitest';
import { liveThrough } from './seeds.js';

// A file of its own, so that both halves can run side by side.
it('keeps every rule of k8s-sync in the worlds of seeds 101 to 200', { timeout: 120_000 }, () => liveThrough(101, 100));
