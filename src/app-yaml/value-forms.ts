// The forms of single values that stand in more than one section of app.yaml. Their metadata is what JSON Schema can say of
// a check, for the editors.
import * as v from 'valibot';
import { isPort } from '../conventions/index.js';
import type { AppCommand } from './app-spec.js';
import { commandOf } from './command.js';
import { kindOf } from './issue-message.js';

export const text = v.pipe(v.string(), v.trim(), v.nonEmpty('must not be empty'));
export const port = v.pipe(
  v.number(),
  v.check(isPort, ({ input }) => `${input} is no port: a whole number from 1 to 65535`),
  v.metadata({ type: 'integer', minimum: 1, maximum: 65535 }),
);
export const seconds = v.pipe(
  v.number(),
  v.check(
    (value) => value > 0 && value <= 3600,
    ({ input }) => `${input} is out of range: more than 0, at most 3600 seconds`,
  ),
  v.metadata({ exclusiveMinimum: 0, maximum: 3600 }),
);
export const path = v.pipe(
  v.string(),
  v.regex(/^\/[!-~]*$/, ({ input }) => `"${input}" is no path of a URL: it starts with / and has no blanks`),
);
export const noNul = v.check<string, string>((value) => !value.includes('\0'), 'holds a NUL character');
const commandForms: Readonly<Record<'line' | 'words' | 'shell' | 'none', v.GenericSchema<unknown, AppCommand>>> = {
  line: v.pipe(text, noNul, v.transform(commandOf)),
  words: v.pipe(
    v.array(v.pipe(v.string(), noNul)),
    v.check((words) => words[0] !== undefined && words[0] !== '', 'has no program'),
    v.metadata({ minItems: 1 }),
  ),
  shell: v.object({ shell: v.pipe(text, noNul) }),
  none: v.custom<AppCommand>(
    () => false,
    ({ input }) => `is ${kindOf(input)}; allowed is a line of text, a list of words, or { shell: a script }`,
  ),
};
// A form is chosen by the value's type, not tried one after the other, so that findings are those of the form meant.
export const command = v.lazy((input) => {
  if (typeof input === 'string') return commandForms.line;
  if (Array.isArray(input)) return commandForms.words;
  return typeof input === 'object' && input !== null ? commandForms.shell : commandForms.none;
});
