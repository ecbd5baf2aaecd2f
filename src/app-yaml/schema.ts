import * as v from 'valibot';
import { isPort, quantityValue } from '../conventions/index.js';
import type { AppCommand, AppHookStep, ReadyGate } from './app-spec.js';
import { commandOf } from './command.js';
import { kindOf } from './issue-message.js';

const text = v.pipe(v.string(), v.trim(), v.nonEmpty('must not be empty'));
const name = v.pipe(
  text,
  v.regex(
    /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
    ({ input }) => `"${input}" is no name: lower-case letters, digits and inner dashes, a letter first, at most 63`,
  ),
);
const port = v.pipe(
  v.number(),
  v.check(isPort, ({ input }) => `${input} is no port: a whole number from 1 to 65535`),
);
const seconds = v.pipe(
  v.number(),
  v.check(
    (value) => value > 0 && value <= 3600,
    ({ input }) => `${input} is out of range: more than 0, at most 3600 seconds`,
  ),
);
const path = v.pipe(
  v.string(),
  v.regex(/^\/[!-~]*$/, ({ input }) => `"${input}" is no path of a URL: it starts with / and has no blanks`),
);
const noNul = v.check<string, string>((value) => !value.includes('\0'), 'holds a NUL character');
const commandForms: Readonly<Record<'line' | 'words' | 'shell' | 'none', v.GenericSchema<unknown, AppCommand>>> = {
  line: v.pipe(text, noNul, v.transform(commandOf)),
  words: v.pipe(
    v.array(v.pipe(v.string(), noNul)),
    v.check((words) => words[0] !== undefined && words[0] !== '', 'has no program'),
  ),
  shell: v.object({ shell: v.pipe(text, noNul) }),
  none: v.custom<AppCommand>(
    () => false,
    ({ input }) => `is ${kindOf(input)}; allowed is a line of text, a list of words, or { shell: a script }`,
  ),
};
// A form is chosen by the value's type, not tried one after the other, so that findings are those of the form meant.
const command = v.lazy((input) => {
  if (typeof input === 'string') return commandForms.line;
  if (Array.isArray(input)) return commandForms.words;
  return typeof input === 'object' && input !== null ? commandForms.shell : commandForms.none;
});

/** The form in YAML is `ready: { http: { port, path }, deadlineSeconds }`. */
const gate = v.pipe(
  v.object({
    exec: v.optional(command),
    tcp: v.optional(v.object({ port })),
    http: v.optional(v.object({ port, path })),
    file: v.optional(text),
    deadlineSeconds: seconds,
  }),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }): ReadyGate => {
    const { exec, tcp, http, file, deadlineSeconds } = value;
    const gates: ReadyGate[] = [];
    if (exec !== undefined) gates.push({ type: 'exec', command: exec, deadlineSeconds });
    if (tcp !== undefined) gates.push({ type: 'tcp', ...tcp, deadlineSeconds });
    if (http !== undefined) gates.push({ type: 'http', ...http, deadlineSeconds });
    if (file !== undefined) gates.push({ type: 'file', path: file, deadlineSeconds });
    if (gates[0] !== undefined && gates.length === 1) return gates[0];
    addIssue({
      message: `is one of exec, tcp, http and file, with a deadlineSeconds; got ${gates.map(({ type }) => type).join(' and ') || 'none'}`,
    });
    return NEVER;
  }),
);

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

const helper = v.object({
  name,
  command,
  after: v.optional(v.array(name), []),
  ready: v.optional(gate),
});

const quantity = v.pipe(
  v.custom<string | number>(
    (value) => typeof value === 'string' || typeof value === 'number',
    ({ input }) => `is ${kindOf(input)}; allowed is a quantity such as "500m" or "1Gi", or a number`,
  ),
  v.transform(String),
  v.check(
    (value) => (quantityValue(value) ?? 0) > 0,
    ({ input }) => `"${input}" is no quantity above 0, such as 500m, 2 or 1Gi`,
  ),
);
const amounts = v.object({ cpu: v.optional(quantity), memory: v.optional(quantity) });

/** The keys of app.yaml, each with the form of its value. Keys are checked one by one, so that each has its findings. */
export const sections = {
  stack: text,
  runtime: text,
  entrypoint: command,
  name,
  kind: text,
  after: v.array(name),
  ports: v.object({
    http: v.optional(port),
    rpc: v.optional(port),
    manage: v.optional(port),
    metrics: v.optional(port),
  }),
  env: v.record(
    v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no name of a variable: letters, digits and _')),
    v.pipe(v.string(), noNul),
  ),
  helpers: v.array(helper),
  hooks: v.object({
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
  }),
  resources: v.object({ requests: v.optional(amounts), limits: v.optional(amounts) }),
};
