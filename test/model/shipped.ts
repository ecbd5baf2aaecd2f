import { initialState, step } from '../../src/k8s-sync/core/index.js';
import { comparePublished } from '../../src/publish/index.js';
import type { Shipped } from './process.js';

export const shipped: Shipped = { step, initialState, comparePublished };
