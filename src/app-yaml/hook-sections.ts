import * as v from 'valibot';
import { onlineStep, step } from './hook-steps.js';
import { path, seconds, text } from './value-forms.js';

/** A hook's settings, or `false` to leave it out. */
function orFalse<T>(schema: v.GenericSchema<unknown, T>) {
  const none: v.GenericSchema<unknown, T | false> = v.literal(false);
  return v.optional(v.lazy((input) => (input === false ? none : schema)));
}

/** The form of app.yaml's `hooks`. */
export const hookSections = v.object({
  preload: orFalse(
    v.object({
      path: v.optional(path),
      expect: v.optional(
        v.pipe(
          text,
          v.regex(/^\w+$/, ({ input }) => `"${input}" is no single word`),
        ),
      ),
      tries: v.optional(
        v.pipe(
          v.number(),
          v.check(
            (value) => Number.isInteger(value) && value > 0,
            ({ input }) => `${input} is no whole number above 0`,
          ),
        ),
      ),
      intervalSeconds: v.optional(seconds),
      deadlineSeconds: v.optional(seconds),
      after: v.optional(v.array(step)),
    }),
  ),
  online: orFalse(v.object({ deadlineSeconds: v.optional(seconds), after: v.optional(v.array(onlineStep)) })),
  offline: orFalse(v.object({ deadlineSeconds: v.optional(seconds), before: v.optional(v.array(step)) })),
  drainSeconds: v.optional(
    v.pipe(
      v.number(),
      v.check(
        (value) => value >= 0 && value <= 3600,
        ({ input }) => `${input} is out of range: 0 to 3600 seconds`,
      ),
    ),
  ),
  stop: v.optional(v.object({ deadlineSeconds: v.optional(seconds), before: v.optional(v.array(step)) })),
});
