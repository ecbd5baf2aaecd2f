import type { ModelState } from './state.js';

/** Something that may happen next. */
export interface Action {
  readonly text: () => string;
  readonly run: () => ModelState;
}
