import * as v from 'valibot';
import type { AppHookStep } from './hook-settings.js';
import { command, path, port, seconds, text } from './value-forms.js';

const step = v.pipe(
  v.object({
    name: v.optional(
      v.pipe(
        text,
        v.regex(/^[a-z0-9][a-z0-9 -]*$/, 'has other characters than lower-case letters, digits, dashes and blanks'),
      ),
    ),
    script: v.optional(command),
    http: v.optional(
      v.object({
        port,
        path,
        expectStatus: v.optional(v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599))),
      }),
    ),
    deadlineSeconds: seconds,
  }),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }): AppHookStep => {
    const { script, http, deadlineSeconds } = value;
    if (script !== undefined && http === undefined)
      return { type: 'script', name: value.name ?? 'script', command: script, deadlineSeconds };
    if (http !== undefined && script === undefined) {
      const { expectStatus, ...target } = http;
      return {
        type: 'http',
        name: value.name ?? 'http',
        ...target,
        ...(expectStatus === undefined ? {} : { expectStatus }),
        deadlineSeconds,
      };
    }
    addIssue({ message: 'is one of script and http, with a deadlineSeconds' });
    return NEVER;
  }),
);
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
    }),
  ),
  online: orFalse(v.object({ deadlineSeconds: v.optional(seconds), after: v.optional(v.array(step)) })),
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
  stop: v.optional(v.object({ deadlineSeconds: v.optional(seconds) })),
});
